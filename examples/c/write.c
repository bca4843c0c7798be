/* Writes a store with one folder, one mail and one mail in its internet form: write NEW.pst */
#include <pst.h>

#include <stdio.h>
#include <string.h>

static const char mail[] = "From: Ann <ann@example.com>\r\n"
                           "To: Bob <bob@example.com>\r\n"
                           "Date: Mon, 6 Jul 2020 09:00:00 +0200\r\n"
                           "Subject: Lunch?\r\n"
                           "\r\n"
                           "At noon?\r\n";

/* 2020-07-06 07:10:00 UTC in intervals of 100 ns since 1601. */
#define ANSWERED ((uint64_t)(1594019400ULL + 11644473600ULL) * 10000000ULL)

/* Goes on while all is well. */
#define TRY(call)          \
    do {                   \
        if ((call) != PST_STATUS_OK) { \
            goto failed;   \
        }                  \
    } while (0)

int main(int argc, char **argv) {
    pst_error *error = NULL;
    pst_write_options *options = NULL;
    pst_writer *writer = NULL;
    pst_draft *draft = NULL;
    pst_bag *bag = NULL;
    pst_message *message = NULL;
    uint32_t top, inbox;
    int result = 1;

    if (argc != 2) {
        fprintf(stderr, "usage: write NEW.pst\n");
        return 2;
    }
    TRY(pst_write_options_new(&options, &error));
    TRY(pst_write_options_set_overwrite(options, true, &error));
    TRY(pst_write_options_set_name(options, "Archive", &error));
    TRY(pst_writer_create(argv[1], options, &writer, &error));
    TRY(pst_writer_ipm_subtree(writer, &top, &error));
    TRY(pst_writer_create_folder(writer, top, "Inbox", NULL, &inbox, &error));
    TRY(pst_writer_designate(writer, inbox, PST_SPECIAL_FOLDER_INBOX, &error));

    /* A mail in its internet form becomes an item. */
    TRY(pst_message_parse((const uint8_t *)mail, strlen(mail), &message, &error));
    TRY(pst_writer_add_message(writer, inbox, message, NULL, NULL, &error));

    /* An item made by hand, with a property that has no function of its own: its importance. */
    TRY(pst_bag_new(&bag, &error));
    TRY(pst_bag_set_integer32(bag, 0x0017, 2, &error));
    TRY(pst_draft_new("IPM.Note", &draft, &error));
    TRY(pst_draft_set_subject(draft, "RE: Lunch?", &error));
    TRY(pst_draft_set_sender(draft, "Bob", "bob@example.com", &error));
    TRY(pst_draft_add_recipient(draft, PST_ROLE_TO, "Ann", "ann@example.com", &error));
    TRY(pst_draft_set_dates(draft, ANSWERED, ANSWERED, &error));
    TRY(pst_draft_set_plain_text(draft, "Gladly.\r\n", &error));
    TRY(pst_draft_attach(draft, "menu.txt", "text/plain", NULL, (const uint8_t *)"Soup\r\n", 6, NULL, &error));
    TRY(pst_draft_set_properties(draft, bag, &error));
    TRY(pst_writer_add(writer, inbox, draft, NULL, &error));

    TRY(pst_writer_finish(writer, &error));
    result = 0;

failed:
    if (result != 0) {
        fprintf(stderr, "%s: %s\n", argv[1], pst_error_text(error));
        pst_error_free(error);
    }
    pst_message_free(message);
    pst_draft_free(draft);
    pst_bag_free(bag);
    pst_writer_free(writer);
    pst_write_options_free(options);
    return result;
}
