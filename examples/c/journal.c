/* Prints who received journaled mail, from a store or from mails: journal FILE.pst | FILE.eml... */
#include <pst.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void complain(pst_error **error) {
    fprintf(stderr, "%s\n", pst_error_text(*error));
    pst_error_free(*error);
    *error = NULL;
}

static const char *role_name(pst_role role) {
    switch (role) {
    case PST_ROLE_TO: return "to";
    case PST_ROLE_CC: return "cc";
    case PST_ROLE_BCC: return "bcc";
    default: return "recipient";
    }
}

static void report(const pst_message *message) {
    pst_error *error = NULL;
    pst_journal *journal = NULL;
    pst_person_iter *people = NULL;
    pst_person *person = NULL;
    pst_str kind = {"", 0}, subject = {"(none)", 6};
    pst_status status;
    bool is_report = false;
    if (PST_FAILED(pst_message_journal(message, &journal, &error))) {
        complain(&error);
        return;
    }
    if (pst_journal_is_report(journal, &is_report, NULL) == PST_STATUS_OK && is_report &&
        pst_journal_kind(journal, &kind, NULL) == PST_STATUS_OK &&
        pst_journal_recipients(journal, &people, NULL) == PST_STATUS_OK) {
        pst_journal_subject(journal, &subject, NULL);
        printf("%s: %s\n", kind.data, subject.data);
        while ((status = pst_person_iter_next(people, &person, &error)) != PST_STATUS_DONE) {
            pst_role role = PST_ROLE_NONE;
            pst_str address = {"?", 1}, list = {NULL, 0};
            if (PST_FAILED(status)) {
                complain(&error);
                continue;
            }
            pst_person_role(person, &role, NULL);
            pst_person_address(person, &address, NULL);
            printf("  %-9s %s", role_name(role), address.data);
            if (pst_person_expanded_from(person, &list, NULL) == PST_STATUS_OK) {
                printf(" (member of %s)", list.data);
            }
            printf("\n");
            pst_person_free(person);
        }
        pst_person_iter_free(people);
    }
    pst_journal_free(journal);
}

static void read_mail(const char *path) {
    pst_message *message = NULL;
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = NULL;
    size_t length = 0, more;
    if (file == NULL) {
        perror(path);
        return;
    }
    do {
        uint8_t *grown = realloc(bytes, length + 65536);
        if (grown == NULL) {
            break;
        }
        bytes = grown;
        more = fread(bytes + length, 1, 65536, file);
        length += more;
    } while (more > 0);
    fclose(file);
    if (pst_message_parse(bytes, length, &message, NULL) == PST_STATUS_OK) {
        report(message);
        pst_message_free(message);
    }
    free(bytes);
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        pst_error *error = NULL;
        pst_store *store = NULL;
        pst_message_iter *messages = NULL;
        pst_message *message = NULL;
        pst_status status = pst_store_open(argv[i], NULL, &store, &error);
        if (status == PST_STATUS_NOT_PST) {
            pst_error_free(error);
            read_mail(argv[i]);
            continue;
        }
        if (PST_FAILED(status) || PST_FAILED(pst_store_messages(store, &messages, &error))) {
            complain(&error);
            pst_store_free(store);
            continue;
        }
        while ((status = pst_message_iter_next(messages, &message, &error)) != PST_STATUS_DONE) {
            if (PST_FAILED(status)) {
                complain(&error);
                continue;
            }
            report(message);
            pst_message_free(message);
        }
        pst_message_iter_free(messages);
        pst_store_free(store);
    }
    return 0;
}
