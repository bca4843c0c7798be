/*
 * Walks stores to their last byte through every function that reads, and prints what it met: one line of counts per file.
 * A file that cannot be opened is counted, not fatal: hostile files come here too. What is no store is read as a mail.
 *
 *     walk [--quiet] FILE...
 */
#include <pst.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct counts {
    uint64_t folders, messages, people, attachments, properties, bytes, mail_bytes, reports, failures;
};

static struct counts now;

/* Counts a failure, frees its error and says whether the call gave something. */
static bool good(pst_status status, pst_error **error) {
    if (PST_FAILED(status)) {
        const char *text;
        now.failures++;
        if (*error == NULL) {
            fprintf(stderr, "walk: %s without an error object\n", pst_status_name(status));
            exit(1);
        }
        text = pst_error_text(*error);
        if (text == NULL || *text == 0 || pst_error_status(*error) != status || status == PST_STATUS_PANIC ||
            status == PST_STATUS_BAD_HANDLE || status == PST_STATUS_NULL_POINTER) {
            fprintf(stderr, "walk: %s: %s\n", pst_status_name(status), text ? text : "no text");
            exit(1);
        }
        pst_error_free(*error);
        *error = NULL;
    } else if (*error != NULL) {
        fprintf(stderr, "walk: an error object without a failure\n");
        exit(1);
    }
    return status == PST_STATUS_OK;
}

/* Looks at every byte, and at the NUL behind them. */
static uint64_t touch(const void *data, size_t length) {
    const unsigned char *bytes = data;
    unsigned sum = 0;
    for (size_t i = 0; i < length; i++) {
        sum += bytes[i];
    }
    if (bytes[length] != 0) {
        fprintf(stderr, "walk: no NUL behind a text\n");
        exit(1);
    }
    return sum > 0xFFFFFFF0u ? 0 : (uint64_t)length;
}

#define TEXT(call)                                        \
    do {                                                  \
        pst_str text = {NULL, 0};                         \
        if (good((call), &error)) {                       \
            now.bytes += touch(text.data, text.length);   \
        }                                                 \
    } while (0)

static void properties(pst_properties *all) {
    pst_error *error = NULL;
    pst_property_iter *tags = NULL;
    if (good(pst_properties_tags(all, &tags, &error), &error)) {
        uint32_t tag = 0;
        pst_status status;
        while ((status = pst_property_iter_next(tags, &tag, &error)) != PST_STATUS_DONE) {
            uint16_t id = (uint16_t)(tag >> 16);
            size_t count = 0;
            uint64_t size = 0;
            int64_t number;
            double real;
            pst_time time;
            pst_guid guid;
            pst_bytes bytes = {NULL, 0};
            if (!good(status, &error)) {
                continue;
            }
            now.properties++;
            TEXT(pst_properties_tag_name(all, tag, &text, &error));
            good(pst_properties_stored_size(all, id, &size, &error), &error);
            if (size > 1 << 20 || !good(pst_properties_count(all, id, &count, &error), &error)) {
                continue;
            }
            for (size_t i = 0; i < count && i < 100; i++) {
                /* One of them fits the type; the others say that they do not. */
                pst_str text;
                if (pst_properties_string(all, id, i, &text, NULL) == PST_STATUS_OK) {
                    now.bytes += touch(text.data, text.length);
                } else if (pst_properties_binary(all, id, i, &bytes, NULL) == PST_STATUS_OK) {
                    now.bytes += touch(bytes.data, bytes.length);
                } else if (pst_properties_integer(all, id, i, &number, NULL) == PST_STATUS_OK ||
                           pst_properties_real(all, id, i, &real, NULL) == PST_STATUS_OK ||
                           pst_properties_time(all, id, i, &time, NULL) == PST_STATUS_OK ||
                           pst_properties_guid(all, id, i, &guid, NULL) == PST_STATUS_OK) {
                    now.bytes += 8;
                }
            }
            if (good(pst_properties_stored(all, id, &bytes, &error), &error)) {
                now.bytes += touch(bytes.data, bytes.length);
            }
        }
    }
    pst_property_iter_free(tags);
    pst_properties_free(all);
}

static void person(pst_person *one) {
    pst_error *error = NULL;
    pst_role role;
    now.people++;
    good(pst_person_role(one, &role, &error), &error);
    TEXT(pst_person_name(one, &text, &error));
    TEXT(pst_person_address_type(one, &text, &error));
    TEXT(pst_person_address(one, &text, &error));
    TEXT(pst_person_smtp(one, &text, &error));
    TEXT(pst_person_smtp_source(one, &text, &error));
    TEXT(pst_person_unresolved(one, &text, &error));
    TEXT(pst_person_group(one, &text, &error));
    TEXT(pst_person_expanded_from(one, &text, &error));
    TEXT(pst_person_forwarded_from(one, &text, &error));
    pst_person_free(one);
}

static void people(pst_person_iter *all) {
    pst_error *error = NULL;
    pst_person *one = NULL;
    pst_status status;
    while ((status = pst_person_iter_next(all, &one, &error)) != PST_STATUS_DONE) {
        if (good(status, &error)) {
            person(one);
        }
    }
    pst_person_iter_free(all);
}

static void message(pst_message *one, int depth);

static void attachment(pst_attachment *one, int depth) {
    pst_error *error = NULL;
    pst_content kind;
    pst_stream *stream = NULL;
    pst_message *inner = NULL;
    pst_properties *all = NULL;
    bool is_inline;
    uint64_t size;
    uint32_t id;
    now.attachments++;
    good(pst_attachment_id(one, &id, &error), &error);
    good(pst_attachment_kind(one, &kind, &error), &error);
    good(pst_attachment_is_inline(one, &is_inline, &error), &error);
    good(pst_attachment_size(one, &size, &error), &error);
    TEXT(pst_attachment_name(one, &text, &error));
    TEXT(pst_attachment_mime_type(one, &text, &error));
    TEXT(pst_attachment_content_id(one, &text, &error));
    TEXT(pst_attachment_reference(one, &text, &error));
    if (pst_attachment_properties(one, &all, NULL) == PST_STATUS_OK) {
        properties(all);
    }
    if (good(pst_attachment_open(one, &stream, &error), &error)) {
        uint8_t buffer[10000];
        size_t count = 0;
        while (good(pst_stream_read(stream, buffer, sizeof buffer, &count, &error), &error)) {
            now.bytes += count;
        }
    }
    pst_stream_free(stream);
    if (depth < 8 && good(pst_attachment_message(one, &inner, &error), &error)) {
        /* The attachment may go before the message that it is. */
        pst_attachment_free(one);
        message(inner, depth + 1);
        return;
    }
    pst_attachment_free(one);
}

static void journal(pst_journal *one, int depth) {
    pst_error *error = NULL;
    bool is_report = false;
    pst_original_iter *originals = NULL;
    pst_message *original = NULL;
    pst_person_iter *recipients = NULL;
    static const uint32_t roles[] = {PST_ROLE_SENDER, PST_ROLE_REPRESENTING, PST_ROLE_MAILBOX};
    pst_status status;
    good(pst_journal_is_report(one, &is_report, &error), &error);
    now.reports += is_report;
    TEXT(pst_journal_kind(one, &text, &error));
    TEXT(pst_journal_format(one, &text, &error));
    TEXT(pst_journal_marker(one, &text, &error));
    TEXT(pst_journal_subject(one, &text, &error));
    TEXT(pst_journal_message_id(one, &text, &error));
    TEXT(pst_journal_label(one, &text, &error));
    TEXT(pst_journal_warnings(one, &text, &error));
    for (size_t i = 0; i < 3; i++) {
        pst_person *who = NULL;
        if (good(pst_journal_person(one, roles[i], &who, &error), &error)) {
            person(who);
        }
    }
    if (good(pst_journal_recipients(one, &recipients, &error), &error)) {
        people(recipients);
    }
    if (depth < 2 && good(pst_journal_originals(one, &originals, &error), &error)) {
        while ((status = pst_original_iter_next(originals, &original, &error)) != PST_STATUS_DONE) {
            if (good(status, &error)) {
                message(original, 8);
            }
        }
    }
    pst_original_iter_free(originals);
    pst_journal_free(one);
}

static bool count_bytes(void *user, const uint8_t *data, size_t length) {
    (void)user;
    (void)data;
    now.mail_bytes += length;
    return true;
}

static void message(pst_message *one, int depth) {
    pst_error *error = NULL;
    pst_time time;
    pst_bytes bytes = {NULL, 0};
    pst_person *who = NULL;
    pst_person_iter *all = NULL;
    pst_attachment_iter *attachments = NULL;
    pst_properties *raw = NULL;
    pst_journal *report = NULL;
    pst_conversion *conversion = NULL;
    bool is_associated;
    uint64_t size;
    now.messages++;
    good(pst_message_is_associated(one, &is_associated, &error), &error);
    good(pst_message_size(one, &size, &error), &error);
    TEXT(pst_message_class(one, &text, &error));
    TEXT(pst_message_kind(one, &text, &error));
    TEXT(pst_message_subject(one, &text, &error));
    TEXT(pst_message_message_id(one, &text, &error));
    TEXT(pst_message_plain_text(one, &text, &error));
    TEXT(pst_message_html(one, &text, &error));
    if (good(pst_message_rtf(one, &bytes, &error), &error)) {
        now.bytes += touch(bytes.data, bytes.length);
    }
    if (good(pst_message_headers(one, &bytes, &error), &error)) {
        now.bytes += touch(bytes.data, bytes.length);
    }
    good(pst_message_sent(one, &time, &error), &error);
    good(pst_message_received(one, &time, &error), &error);
    good(pst_message_created(one, &time, &error), &error);
    if (good(pst_message_sender(one, &who, &error), &error)) {
        person(who);
    }
    if (good(pst_message_representing(one, &who, &error), &error)) {
        person(who);
    }
    if (good(pst_message_recipients(one, &all, &error), &error)) {
        people(all);
    }
    if (good(pst_message_reply_to(one, &all, &error), &error)) {
        people(all);
    }
    if (pst_message_properties(one, &raw, NULL) == PST_STATUS_OK) {
        properties(raw);
    }
    if (good(pst_message_journal(one, &report, &error), &error)) {
        journal(report, depth);
    }
    if (good(pst_message_to_mime(one, NULL, count_bytes, NULL, &conversion, &error), &error)) {
        size_t count = 0;
        good(pst_conversion_loss_count(conversion, &count, &error), &error);
        for (size_t i = 0; i < count; i++) {
            pst_loss loss;
            if (good(pst_conversion_loss(conversion, i, &loss, &error), &error)) {
                now.bytes += touch(loss.kind.data, loss.kind.length) + touch(loss.detail.data, loss.detail.length);
            }
        }
        TEXT(pst_conversion_message_id(conversion, &text, &error));
        TEXT(pst_conversion_headers(conversion, &text, &error));
    }
    pst_conversion_free(conversion);
    if (depth < 8 && good(pst_message_attachments(one, &attachments, &error), &error)) {
        pst_attachment *next = NULL;
        pst_status status;
        while ((status = pst_attachment_iter_next(attachments, &next, &error)) != PST_STATUS_DONE) {
            if (good(status, &error)) {
                attachment(next, depth);
            }
        }
    }
    pst_attachment_iter_free(attachments);
    pst_message_free(one);
}

static void messages(pst_message_iter *all) {
    pst_error *error = NULL;
    pst_message *one = NULL;
    pst_status status;
    while ((status = pst_message_iter_next(all, &one, &error)) != PST_STATUS_DONE) {
        if (good(status, &error)) {
            message(one, 0);
        }
    }
    pst_message_iter_free(all);
}

static void folder(pst_folder *one) {
    pst_error *error = NULL;
    pst_message_iter *listed = NULL;
    pst_properties *raw = NULL;
    int64_t count;
    uint32_t id;
    now.folders++;
    good(pst_folder_id(one, &id, &error), &error);
    good(pst_folder_parent_id(one, &id, &error), &error);
    good(pst_folder_content_count(one, &count, &error), &error);
    good(pst_folder_unread_count(one, &count, &error), &error);
    TEXT(pst_folder_name(one, &text, &error));
    TEXT(pst_folder_class(one, &text, &error));
    TEXT(pst_folder_comment(one, &text, &error));
    if (good(pst_folder_properties(one, &raw, &error), &error)) {
        properties(raw);
    }
    /* Associated items here; the others when all messages are walked. */
    if (good(pst_folder_associated_messages(one, &listed, &error), &error)) {
        pst_message *item = NULL;
        pst_status status;
        while ((status = pst_message_iter_next(listed, &item, &error)) != PST_STATUS_DONE) {
            if (good(status, &error)) {
                pst_message_free(item);
            }
        }
    }
    pst_message_iter_free(listed);
    pst_folder_free(one);
}

static void store(pst_store *one) {
    pst_error *error = NULL;
    pst_folder_iter *folders = NULL;
    pst_message_iter *all = NULL;
    pst_properties *raw = NULL;
    bool has;
    TEXT(pst_store_name(one, &text, &error));
    TEXT(pst_store_layout(one, &text, &error));
    TEXT(pst_store_client(one, &text, &error));
    TEXT(pst_store_crypt(one, &text, &error));
    good(pst_store_has_password(one, &has, &error), &error);
    if (good(pst_store_properties(one, &raw, &error), &error)) {
        properties(raw);
    }
    for (uint32_t which = PST_SPECIAL_FOLDER_IPM_SUBTREE; which <= PST_SPECIAL_FOLDER_JUNK_MAIL; which++) {
        pst_folder *special = NULL;
        if (good(pst_store_special_folder(one, which, &special, &error), &error)) {
            pst_folder_free(special);
        }
    }
    for (unsigned id = 0x8000; id < 0x8020; id++) {
        pst_guid set;
        uint32_t number = 0;
        pst_str name = {NULL, 0};
        good(pst_store_property_name(one, (uint16_t)id, &set, &number, &name, &error), &error);
    }
    if (good(pst_store_folders(one, &folders, &error), &error)) {
        pst_folder *next = NULL;
        pst_status status;
        while ((status = pst_folder_iter_next(folders, &next, &error)) != PST_STATUS_DONE) {
            if (good(status, &error)) {
                folder(next);
            }
        }
    }
    pst_folder_iter_free(folders);
    good(pst_store_messages(one, &all, &error), &error);
    /* What is taken from a store does not need its handle. */
    pst_store_free(one);
    messages(all);
}

static void mail(const char *path) {
    pst_error *error = NULL;
    pst_message *one = NULL;
    uint8_t *bytes;
    long length;
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (length = ftell(file)) < 0) {
        perror(path);
        exit(1);
    }
    rewind(file);
    bytes = malloc((size_t)length + 1);
    if (bytes == NULL || fread(bytes, 1, (size_t)length, file) != (size_t)length) {
        perror(path);
        exit(1);
    }
    fclose(file);
    if (good(pst_message_parse(bytes, (size_t)length, &one, &error), &error)) {
        /* The bytes were copied. */
        memset(bytes, 0, (size_t)length);
        message(one, 0);
    }
    free(bytes);
}

int main(int argc, char **argv) {
    bool quiet = argc > 1 && strcmp(argv[1], "--quiet") == 0;
    for (int i = quiet ? 2 : 1; i < argc; i++) {
        pst_error *error = NULL;
        pst_store *one = NULL;
        memset(&now, 0, sizeof now);
        if (pst_store_open(argv[i], NULL, &one, &error) == PST_STATUS_NOT_PST) {
            pst_error_free(error);
            mail(argv[i]);
        } else if (good(error == NULL ? PST_STATUS_OK : pst_error_status(error), &error)) {
            store(one);
        }
        if (!quiet) {
            printf("%s: %" PRIu64 " folders, %" PRIu64 " messages, %" PRIu64 " people, %" PRIu64 " attachments, %" PRIu64
                   " properties, %" PRIu64 " reports, %" PRIu64 " bytes, %" PRIu64 " as mail, %" PRIu64 " failures\n",
                   argv[i], now.folders, now.messages, now.people, now.attachments, now.properties, now.reports, now.bytes,
                   now.mail_bytes, now.failures);
        }
    }
    if (pst_live_handles() != 0) {
        fprintf(stderr, "walk: %zu handles were not freed\n", pst_live_handles());
        return 1;
    }
    return 0;
}
