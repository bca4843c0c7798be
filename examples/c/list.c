/* Lists folders and the subjects in them: list FILE.pst */
#include <pst.h>

#include <stdio.h>

/* Says why something could not be read; the walk goes on. */
static void complain(pst_error **error) {
    fprintf(stderr, "%s\n", pst_error_text(*error));
    pst_error_free(*error);
    *error = NULL;
}

int main(int argc, char **argv) {
    pst_error *error = NULL;
    pst_store *store = NULL;
    pst_folder_iter *folders = NULL;
    pst_folder *folder = NULL;
    pst_status status;

    if (argc != 2) {
        fprintf(stderr, "usage: list FILE.pst\n");
        return 2;
    }
    if (pst_store_open(argv[1], NULL, &store, &error) != PST_STATUS_OK ||
        pst_store_folders(store, &folders, &error) != PST_STATUS_OK) {
        complain(&error);
        pst_store_free(store);
        return 1;
    }
    while ((status = pst_folder_iter_next(folders, &folder, &error)) != PST_STATUS_DONE) {
        pst_str name = {"", 0};
        pst_message_iter *messages = NULL;
        pst_message *message = NULL;
        if (PST_FAILED(status)) {
            complain(&error);
            continue;
        }
        if (PST_FAILED(pst_folder_name(folder, &name, &error))) {
            complain(&error);
        }
        printf("%s\n", name.data);
        if (PST_FAILED(pst_folder_messages(folder, &messages, &error))) {
            complain(&error);
            pst_folder_free(folder);
            continue;
        }
        while ((status = pst_message_iter_next(messages, &message, &error)) != PST_STATUS_DONE) {
            pst_str subject = {"(none)", 6};
            if (PST_FAILED(status)) {
                complain(&error);
                continue;
            }
            if (PST_FAILED(pst_message_subject(message, &subject, &error))) {
                complain(&error);
            }
            printf("  %s\n", subject.data);
            pst_message_free(message);
        }
        pst_message_iter_free(messages);
        pst_folder_free(folder);
    }
    pst_folder_iter_free(folders);
    pst_store_free(store);
    return 0;
}
