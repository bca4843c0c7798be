/* Extracts the files attached to messages, embedded ones too: attachments FILE.pst DIRECTORY */
#include <pst.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *directory;
static unsigned number;
static int failures;

static void complain(pst_error **error) {
    fprintf(stderr, "%s\n", pst_error_text(*error));
    pst_error_free(*error);
    *error = NULL;
    failures = 1;
}

/* Names in mail may hold anything, `../` too: only harmless characters stay. */
static void harmless(const pst_str *name, char *out, size_t room) {
    size_t at = 0;
    for (size_t i = 0; i < name->length && at + 1 < room; i++) {
        unsigned char c = (unsigned char)name->data[i];
        out[at] = isalnum(c) || c == '-' || c == '_' || (c == '.' && at > 0) || c >= 0x80 ? (char)c : '_';
        at++;
    }
    out[at] = 0;
}

static void save(const pst_attachment *attachment) {
    pst_error *error = NULL;
    pst_str name = {"unnamed", 7};
    pst_stream *stream = NULL;
    char safe[200], path[4096];
    uint8_t piece[65536];
    size_t count = 0;
    uint64_t size = 0;
    FILE *file;
    pst_status status = pst_attachment_open(attachment, &stream, &error);
    if (status != PST_STATUS_OK) {
        /* A reference, or nothing. */
        if (PST_FAILED(status)) {
            complain(&error);
        }
        return;
    }
    if (PST_FAILED(pst_attachment_name(attachment, &name, &error))) {
        complain(&error);
    }
    harmless(&name, safe, sizeof safe);
    snprintf(path, sizeof path, "%s/%03u-%s", directory, ++number, safe);
    file = fopen(path, "wb");
    if (file == NULL) {
        perror(path);
        failures = 1;
    } else {
        while ((status = pst_stream_read(stream, piece, sizeof piece, &count, &error)) == PST_STATUS_OK) {
            size += count;
            if (fwrite(piece, 1, count, file) != count) {
                perror(path);
                failures = 1;
                break;
            }
        }
        if (PST_FAILED(status)) {
            complain(&error);
        }
        if (fclose(file) != 0) {
            perror(path);
            failures = 1;
        }
        printf("%10llu  %s\n", (unsigned long long)size, path);
    }
    pst_stream_free(stream);
}

static void extract(const pst_message *message, int depth) {
    pst_error *error = NULL;
    pst_attachment_iter *attachments = NULL;
    pst_attachment *attachment = NULL;
    pst_status status = pst_message_attachments(message, &attachments, &error);
    if (PST_FAILED(status)) {
        complain(&error);
        return;
    }
    while ((status = pst_attachment_iter_next(attachments, &attachment, &error)) != PST_STATUS_DONE) {
        pst_message *inner = NULL;
        if (PST_FAILED(status)) {
            complain(&error);
            continue;
        }
        status = pst_attachment_message(attachment, &inner, &error);
        if (PST_FAILED(status)) {
            complain(&error);
        } else if (status == PST_STATUS_OK && depth < 32) {
            extract(inner, depth + 1);
        } else if (status == PST_STATUS_ABSENT) {
            save(attachment);
        }
        pst_message_free(inner);
        pst_attachment_free(attachment);
    }
    pst_attachment_iter_free(attachments);
}

int main(int argc, char **argv) {
    pst_error *error = NULL;
    pst_store *store = NULL;
    pst_message_iter *messages = NULL;
    pst_message *message = NULL;
    pst_status status;
    if (argc != 3) {
        fprintf(stderr, "usage: attachments FILE.pst DIRECTORY\n");
        return 2;
    }
    directory = argv[2];
    if (pst_store_open(argv[1], NULL, &store, &error) != PST_STATUS_OK ||
        pst_store_messages(store, &messages, &error) != PST_STATUS_OK) {
        complain(&error);
        pst_store_free(store);
        return 1;
    }
    while ((status = pst_message_iter_next(messages, &message, &error)) != PST_STATUS_DONE) {
        if (PST_FAILED(status)) {
            complain(&error);
            continue;
        }
        extract(message, 0);
        pst_message_free(message);
    }
    pst_message_iter_free(messages);
    pst_store_free(store);
    return failures;
}
