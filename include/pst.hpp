/*
 * pst.hpp - pst.h for C++17: handles that free themselves and move, exceptions, ranges. Header only.
 *
 *     for (auto &message : pst::store("archive.pst").messages()) {
 *         std::cout << message->subject().value_or("(none)") << '\n';
 *     }
 *
 * - Views (std::string_view, pst::bytes_view) live as long as the object they were asked of.
 * - What can be absent is std::optional. Failures are pst::error.
 * - A range gives a pst::result for each item, which throws when it is used if the item could not be read; the walk goes on.
 * - Exceptions of callbacks pass through the library to the caller.
 * - get() gives the handle of C for what has no method here.
 *
 * MIT OR Apache-2.0.
 */
#ifndef PST_HPP
#define PST_HPP

#include <pst.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace pst {

/// Why a call failed, and where in the file.
class error : public std::runtime_error {
public:
    error(pst_status status, const std::string &text) : std::runtime_error(text), status_(status) {}

    /// Takes over an error object of C.
    static error take(pst_status status, pst_error *handle) {
        const char *text = handle ? pst_error_text(handle) : nullptr;
        error made(status, text ? text : pst_status_name(status));
        std::uint64_t number = 0;
        if (handle) {
            if (pst_error_offset(handle, &number) == PST_STATUS_OK) made.offset_ = number;
            if (pst_error_block(handle, &number) == PST_STATUS_OK) made.block_ = number;
            if (pst_error_node(handle, &number) == PST_STATUS_OK) made.node_ = static_cast<std::uint32_t>(number);
            pst_error_free(handle);
        }
        return made;
    }

    pst_status status() const noexcept { return status_; }
    std::optional<std::uint64_t> offset() const noexcept { return offset_; }
    std::optional<std::uint64_t> block() const noexcept { return block_; }
    std::optional<std::uint32_t> node() const noexcept { return node_; }

private:
    pst_status status_;
    std::optional<std::uint64_t> offset_, block_;
    std::optional<std::uint32_t> node_;
};

/// Bytes that belong to an object.
class bytes_view {
public:
    bytes_view() = default;
    bytes_view(const std::uint8_t *data, std::size_t size) : data_(data), size_(size) {}
    const std::uint8_t *data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    const std::uint8_t *begin() const noexcept { return data_; }
    const std::uint8_t *end() const noexcept { return data_ + size_; }
    std::string_view text() const noexcept { return {reinterpret_cast<const char *>(data_), size_}; }

private:
    const std::uint8_t *data_ = nullptr;
    std::size_t size_ = 0;
};

namespace detail {

/// Calls a function with a place for its error; false if what was asked for is absent, or an iterator at its end.
template <class Function, class... Arguments>
bool call(Function function, Arguments... arguments) {
    pst_error *failure = nullptr;
    pst_status status = function(arguments..., &failure);
    if (PST_FAILED(status)) throw error::take(status, failure);
    return status == PST_STATUS_OK;
}

template <class T, void (*Free)(T *)>
struct deleter {
    void operator()(T *handle) const noexcept { Free(handle); }
};

template <class T, void (*Free)(T *)>
using unique = std::unique_ptr<T, deleter<T, Free>>;

template <class Value, class Handle, class Function>
std::optional<Value> optional(Function function, const Handle *handle) {
    Value value{};
    if (!call(function, handle, &value)) return std::nullopt;
    return value;
}

template <class Handle, class Function>
std::optional<std::string_view> text(Function function, const Handle *handle) {
    pst_str value{nullptr, 0};
    if (!call(function, handle, &value)) return std::nullopt;
    return std::string_view(value.data, value.length);
}

template <class Handle, class Function>
std::optional<bytes_view> bytes(Function function, const Handle *handle) {
    pst_bytes value{nullptr, 0};
    if (!call(function, handle, &value)) return std::nullopt;
    return bytes_view(value.data, value.length);
}

inline std::string_view view(const pst_str &text) { return {text.data, text.length}; }

/// An exception of a callback on its way through the library.
struct passage {
    std::exception_ptr thrown;

    template <class Work>
    bool run(Work work) noexcept {
        try {
            return work();
        } catch (...) {
            thrown = std::current_exception();
            return false;
        }
    }

    /// Calls a function, and lets the exception of a callback go before the failure that came of it.
    template <class Function, class... Arguments>
    bool call(Function function, Arguments... arguments) {
        pst_error *failure = nullptr;
        pst_status status = function(arguments..., &failure);
        if (thrown) {
            pst_error_free(failure);
            std::rethrow_exception(thrown);
        }
        if (PST_FAILED(status)) throw error::take(status, failure);
        return status == PST_STATUS_OK;
    }
};

} // namespace detail

/// An item of a range, or why it could not be read.
template <class T>
class result {
public:
    explicit result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
    explicit result(error failure) : held_(std::in_place_index<1>, std::move(failure)) {}
    explicit operator bool() const noexcept { return held_.index() == 0; }
    T &operator*() { return value(); }
    T *operator->() { return &value(); }
    /// The item; throws the failure if it could not be read.
    T &value() {
        if (held_.index() == 1) throw std::get<1>(held_);
        return std::get<0>(held_);
    }
    const error &failure() const { return std::get<1>(held_); }

private:
    std::variant<T, error> held_;
};

/// A walk. It can be gone through once.
template <class T, class Iter, class Handle, void (*Free)(Iter *), pst_status (*Next)(Iter *, Handle **, pst_error **)>
class range {
public:
    explicit range(Iter *walk) : walk_(walk) {}

    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = result<T>;
        using difference_type = std::ptrdiff_t;
        using pointer = value_type *;
        using reference = value_type &;

        iterator() = default;
        explicit iterator(Iter *walk) : walk_(walk) { ++*this; }
        reference operator*() { return *now_; }
        pointer operator->() { return &*now_; }
        iterator &operator++() {
            Handle *next = nullptr;
            pst_error *failure = nullptr;
            pst_status status = Next(walk_, &next, &failure);
            if (status == PST_STATUS_DONE) {
                walk_ = nullptr;
                now_.reset();
            } else if (PST_FAILED(status)) {
                now_.emplace(error::take(status, failure));
            } else {
                now_.emplace(T(next));
            }
            return *this;
        }
        friend bool operator==(const iterator &a, const iterator &b) { return a.walk_ == b.walk_; }
        friend bool operator!=(const iterator &a, const iterator &b) { return a.walk_ != b.walk_; }

    private:
        Iter *walk_ = nullptr;
        std::optional<result<T>> now_;
    };

    iterator begin() { return iterator(walk_.get()); }
    iterator end() { return iterator(); }

private:
    detail::unique<Iter, Free> walk_;
};

/// Everything that holds a handle of C.
template <class T, void (*Free)(T *)>
class object {
public:
    object() = default;
    explicit object(T *handle) : handle_(handle) {}
    T *get() const noexcept { return handle_.get(); }
    T *release() noexcept { return handle_.release(); }
    explicit operator bool() const noexcept { return handle_ != nullptr; }

private:
    detail::unique<T, Free> handle_;
};

/// A point in time of a mail as the clock of the system has it.
inline std::chrono::system_clock::time_point to_time_point(const pst_time &time) {
    return std::chrono::system_clock::time_point(
        std::chrono::duration_cast<std::chrono::system_clock::duration>(std::chrono::seconds(time.unix_seconds)));
}

/// How files are opened.
class options : public object<pst_options, pst_options_free> {
public:
    options() : object(made()) {}
    options &mapping(pst_mapping mapping) { return set(pst_options_set_mapping, static_cast<std::uint32_t>(mapping)); }
    options &check_crc(bool check) { return set(pst_options_set_check_crc, check); }
    options &code_page(std::uint32_t page) { return set(pst_options_set_code_page, page); }
    options &limit(pst_limit kind, std::uint64_t limit) {
        detail::call(pst_options_set_limit, get(), static_cast<std::uint32_t>(kind), limit);
        return *this;
    }

private:
    static pst_options *made() {
        pst_options *handle = nullptr;
        detail::call(pst_options_new, &handle);
        return handle;
    }
    template <class Function, class Value>
    options &set(Function function, Value value) {
        detail::call(function, get(), value);
        return *this;
    }
};

/// Somebody, with the SMTP address or why there is none.
class person : public object<pst_person, pst_person_free> {
public:
    using object::object;
    pst_role role() const { return *detail::optional<pst_role>(pst_person_role, get()); }
    std::optional<std::string_view> name() const { return detail::text(pst_person_name, get()); }
    std::optional<std::string_view> address_type() const { return detail::text(pst_person_address_type, get()); }
    std::optional<std::string_view> address() const { return detail::text(pst_person_address, get()); }
    std::optional<std::string_view> smtp() const { return detail::text(pst_person_smtp, get()); }
    std::optional<std::string_view> smtp_source() const { return detail::text(pst_person_smtp_source, get()); }
    std::optional<std::string_view> unresolved() const { return detail::text(pst_person_unresolved, get()); }
    std::optional<std::string_view> group() const { return detail::text(pst_person_group, get()); }
    std::optional<std::string_view> expanded_from() const { return detail::text(pst_person_expanded_from, get()); }
    std::optional<std::string_view> forwarded_from() const { return detail::text(pst_person_forwarded_from, get()); }
};

using people = range<person, pst_person_iter, pst_person, pst_person_iter_free, pst_person_iter_next>;

/// The properties of a store, folder, message or attachment, by id.
class properties : public object<pst_properties, pst_properties_free> {
public:
    using object::object;
    /// All tags; what cannot be read is left out.
    std::vector<std::uint32_t> tags() const {
        pst_property_iter *walk = nullptr;
        detail::call(pst_properties_tags, get(), &walk);
        detail::unique<pst_property_iter, pst_property_iter_free> kept(walk);
        std::vector<std::uint32_t> found;
        std::uint32_t tag = 0;
        for (pst_status status; (status = pst_property_iter_next(walk, &tag, nullptr)) != PST_STATUS_DONE;) {
            if (status == PST_STATUS_OK) found.push_back(tag);
        }
        return found;
    }
    std::optional<std::size_t> count(std::uint16_t id) const {
        std::size_t value = 0;
        if (!detail::call(pst_properties_count, get(), id, &value)) return std::nullopt;
        return value;
    }
    std::optional<std::int64_t> integer(std::uint16_t id, std::size_t index = 0) const {
        return value<std::int64_t>(pst_properties_integer, id, index);
    }
    std::optional<double> real(std::uint16_t id, std::size_t index = 0) const {
        return value<double>(pst_properties_real, id, index);
    }
    std::optional<pst_time> time(std::uint16_t id, std::size_t index = 0) const {
        return value<pst_time>(pst_properties_time, id, index);
    }
    std::optional<pst_guid> guid(std::uint16_t id, std::size_t index = 0) const {
        return value<pst_guid>(pst_properties_guid, id, index);
    }
    std::optional<std::string_view> string(std::uint16_t id, std::size_t index = 0) const {
        auto text = value<pst_str>(pst_properties_string, id, index);
        if (!text) return std::nullopt;
        return detail::view(*text);
    }
    std::optional<bytes_view> binary(std::uint16_t id, std::size_t index = 0) const {
        auto bytes = value<pst_bytes>(pst_properties_binary, id, index);
        if (!bytes) return std::nullopt;
        return bytes_view(bytes->data, bytes->length);
    }
    std::optional<bytes_view> stored(std::uint16_t id) const {
        pst_bytes bytes{nullptr, 0};
        if (!detail::call(pst_properties_stored, get(), id, &bytes)) return std::nullopt;
        return bytes_view(bytes.data, bytes.length);
    }

private:
    template <class Value, class Function>
    std::optional<Value> value(Function function, std::uint16_t id, std::size_t index) const {
        Value value{};
        if (!detail::call(function, get(), id, index, &value)) return std::nullopt;
        return value;
    }
};

class message;

/// Bytes that are read piece by piece.
class stream : public object<pst_stream, pst_stream_free> {
public:
    using object::object;
    /// Fills a buffer as far as there are bytes; 0 at the end.
    std::size_t read(void *buffer, std::size_t capacity) {
        std::size_t count = 0;
        return detail::call(pst_stream_read, get(), static_cast<std::uint8_t *>(buffer), capacity, &count) ? count : 0;
    }
};

/// An attachment.
class attachment : public object<pst_attachment, pst_attachment_free> {
public:
    using object::object;
    pst_content kind() const { return *detail::optional<pst_content>(pst_attachment_kind, get()); }
    std::optional<std::string_view> name() const { return detail::text(pst_attachment_name, get()); }
    std::optional<std::string_view> mime_type() const { return detail::text(pst_attachment_mime_type, get()); }
    std::optional<std::string_view> content_id() const { return detail::text(pst_attachment_content_id, get()); }
    std::optional<std::string_view> reference() const { return detail::text(pst_attachment_reference, get()); }
    std::optional<std::uint64_t> size() const { return detail::optional<std::uint64_t>(pst_attachment_size, get()); }
    bool is_inline() const { return *detail::optional<bool>(pst_attachment_is_inline, get()); }
    /// The bytes of the content; empty for a message in a store, a reference or nothing.
    std::optional<pst::stream> open() const {
        pst_stream *handle = nullptr;
        if (!detail::call(pst_attachment_open, get(), &handle)) return std::nullopt;
        return pst::stream(handle);
    }
    /// The message that the attachment is.
    inline std::optional<pst::message> message() const;
    pst::properties properties() const {
        pst_properties *handle = nullptr;
        detail::call(pst_attachment_properties, get(), &handle);
        return pst::properties(handle);
    }
};

using attachments =
    range<attachment, pst_attachment_iter, pst_attachment, pst_attachment_iter_free, pst_attachment_iter_next>;

/// What a conversion lost.
struct loss {
    std::string kind, detail;
    std::uint32_t tag;
};

/// A mail in its internet form, and what it does not carry.
struct mail {
    std::string bytes;
    std::vector<loss> losses;
};

class journal;

/// A message of a store, or a mail.
class message : public object<pst_message, pst_message_free> {
public:
    using object::object;
    /// Reads a mail in its internet form.
    static message parse(std::string_view mail) {
        pst_message *handle = nullptr;
        detail::call(pst_message_parse, reinterpret_cast<const std::uint8_t *>(mail.data()), mail.size(), &handle);
        return message(handle);
    }
    std::uint32_t id() const { return *detail::optional<std::uint32_t>(pst_message_id, get()); }
    std::uint32_t folder_id() const { return *detail::optional<std::uint32_t>(pst_message_folder_id, get()); }
    bool is_associated() const { return *detail::optional<bool>(pst_message_is_associated, get()); }
    std::optional<std::string_view> message_class() const { return detail::text(pst_message_class, get()); }
    std::string_view kind() const { return *detail::text(pst_message_kind, get()); }
    std::optional<std::string_view> subject() const { return detail::text(pst_message_subject, get()); }
    std::optional<std::string_view> message_id() const { return detail::text(pst_message_message_id, get()); }
    std::optional<std::string_view> plain_text() const { return detail::text(pst_message_plain_text, get()); }
    std::optional<std::string_view> html() const { return detail::text(pst_message_html, get()); }
    std::optional<bytes_view> rtf() const { return detail::bytes(pst_message_rtf, get()); }
    std::optional<bytes_view> headers() const { return detail::bytes(pst_message_headers, get()); }
    std::optional<std::uint64_t> size() const { return detail::optional<std::uint64_t>(pst_message_size, get()); }
    std::optional<pst_time> sent() const { return detail::optional<pst_time>(pst_message_sent, get()); }
    std::optional<pst_time> received() const { return detail::optional<pst_time>(pst_message_received, get()); }
    std::optional<pst_time> created() const { return detail::optional<pst_time>(pst_message_created, get()); }
    std::optional<person> sender() const { return who(pst_message_sender); }
    std::optional<person> representing() const { return who(pst_message_representing); }
    people recipients() const { return walk<people, pst_person_iter>(pst_message_recipients); }
    people reply_to() const { return walk<people, pst_person_iter>(pst_message_reply_to); }
    pst::attachments attachments() const { return walk<pst::attachments, pst_attachment_iter>(pst_message_attachments); }
    pst::properties properties() const { return walk<pst::properties, pst_properties>(pst_message_properties); }
    inline pst::journal journal() const;

    /// Writes the message as a mail, piece by piece; `write` gets each as std::string_view.
    template <class Write>
    std::vector<loss> to_mime(Write &&write, const pst_mime_options *options = nullptr) const {
        struct state {
            detail::passage passage;
            Write &write;
        } state{{}, write};
        auto trampoline = [](void *user, const std::uint8_t *data, std::size_t length) {
            auto &state = *static_cast<struct state *>(user);
            return state.passage.run([&] {
                state.write(std::string_view(reinterpret_cast<const char *>(data), length));
                return true;
            });
        };
        pst_write_bytes function = trampoline;
        pst_conversion *conversion = nullptr;
        state.passage.call(pst_message_to_mime, static_cast<const pst_message *>(get()), options, function,
                           static_cast<void *>(&state), &conversion);
        return losses(conversion);
    }
    /// The message as a mail in memory.
    pst::mail to_mime() const {
        pst::mail made;
        made.losses = to_mime([&](std::string_view piece) { made.bytes.append(piece); });
        return made;
    }

    /// What a conversion lost; takes it over.
    static std::vector<loss> losses(pst_conversion *conversion) {
        detail::unique<pst_conversion, pst_conversion_free> kept(conversion);
        std::vector<loss> found;
        pst_loss one;
        for (std::size_t i = 0; conversion && detail::call(pst_conversion_loss, conversion, i, &one); i++) {
            found.push_back({std::string(detail::view(one.kind)), std::string(detail::view(one.detail)), one.tag});
        }
        return found;
    }

private:
    template <class Function>
    std::optional<person> who(Function function) const {
        pst_person *handle = nullptr;
        if (!detail::call(function, get(), &handle)) return std::nullopt;
        return person(handle);
    }
    template <class Made, class Handle, class Function>
    Made walk(Function function) const {
        Handle *handle = nullptr;
        detail::call(function, get(), &handle);
        return Made(handle);
    }
};

inline std::optional<pst::message> attachment::message() const {
    pst_message *handle = nullptr;
    if (!detail::call(pst_attachment_message, get(), &handle)) return std::nullopt;
    return pst::message(handle);
}

using messages = range<message, pst_message_iter, pst_message, pst_message_iter_free, pst_message_iter_next>;
using originals = range<message, pst_original_iter, pst_message, pst_original_iter_free, pst_original_iter_next>;

/// What a message is as a journal report.
class journal : public object<pst_journal, pst_journal_free> {
public:
    using object::object;
    std::string_view kind() const { return *detail::text(pst_journal_kind, get()); }
    bool is_report() const { return *detail::optional<bool>(pst_journal_is_report, get()); }
    std::optional<std::string_view> format() const { return detail::text(pst_journal_format, get()); }
    std::optional<std::string_view> marker() const { return detail::text(pst_journal_marker, get()); }
    std::optional<std::string_view> subject() const { return detail::text(pst_journal_subject, get()); }
    std::optional<std::string_view> message_id() const { return detail::text(pst_journal_message_id, get()); }
    std::optional<std::string_view> label() const { return detail::text(pst_journal_label, get()); }
    std::string_view warnings() const { return *detail::text(pst_journal_warnings, get()); }
    /// PST_ROLE_SENDER, _REPRESENTING or _MAILBOX.
    std::optional<pst::person> person(pst_role role) const {
        pst_person *handle = nullptr;
        if (!detail::call(pst_journal_person, get(), static_cast<std::uint32_t>(role), &handle)) return std::nullopt;
        return pst::person(handle);
    }
    people recipients() const {
        pst_person_iter *walk = nullptr;
        detail::call(pst_journal_recipients, get(), &walk);
        return people(walk);
    }
    pst::originals originals() const {
        pst_original_iter *walk = nullptr;
        detail::call(pst_journal_originals, get(), &walk);
        return pst::originals(walk);
    }
};

inline pst::journal message::journal() const { return walk<pst::journal, pst_journal>(pst_message_journal); }

class folder;
using folders = range<folder, pst_folder_iter, pst_folder, pst_folder_iter_free, pst_folder_iter_next>;

/// A folder.
class folder : public object<pst_folder, pst_folder_free> {
public:
    using object::object;
    std::uint32_t id() const { return *detail::optional<std::uint32_t>(pst_folder_id, get()); }
    std::optional<std::uint32_t> parent_id() const { return detail::optional<std::uint32_t>(pst_folder_parent_id, get()); }
    std::string_view name() const { return detail::text(pst_folder_name, get()).value_or(""); }
    std::optional<std::string_view> folder_class() const { return detail::text(pst_folder_class, get()); }
    std::optional<std::int64_t> content_count() const {
        return detail::optional<std::int64_t>(pst_folder_content_count, get());
    }
    inline folders subfolders() const;
    inline folders descendants() const;
    pst::messages messages() const { return walk<pst::messages, pst_message_iter>(pst_folder_messages); }
    pst::messages associated_messages() const {
        return walk<pst::messages, pst_message_iter>(pst_folder_associated_messages);
    }
    pst::properties properties() const { return walk<pst::properties, pst_properties>(pst_folder_properties); }

private:
    template <class Made, class Handle, class Function>
    Made walk(Function function) const {
        Handle *handle = nullptr;
        detail::call(function, get(), &handle);
        return Made(handle);
    }
};

inline folders folder::subfolders() const { return walk<folders, pst_folder_iter>(pst_folder_subfolders); }
inline folders folder::descendants() const { return walk<folders, pst_folder_iter>(pst_folder_descendants); }

/// A PST, OST or PAB.
class store : public object<pst_store, pst_store_free> {
public:
    using object::object;
    explicit store(const std::string &path, const options *options = nullptr) : object(opened(path, options)) {}
    /// A file in memory, which is copied.
    static store from_bytes(const void *data, std::size_t length) {
        pst_store *handle = nullptr;
        const pst_options *none = nullptr;
        detail::call(pst_store_open_copy, static_cast<const std::uint8_t *>(data), length, none, &handle);
        return store(handle);
    }
    std::uint64_t file_size() const { return *detail::optional<std::uint64_t>(pst_store_file_size, get()); }
    std::optional<std::string_view> name() const { return detail::text(pst_store_name, get()); }
    std::string_view layout() const { return *detail::text(pst_store_layout, get()); }
    std::string_view client() const { return *detail::text(pst_store_client, get()); }
    folder root_folder() const { return made<folder, pst_folder>(pst_store_root_folder); }
    pst::folder folder_by_id(std::uint32_t node) const {
        pst_folder *handle = nullptr;
        detail::call(pst_store_folder, get(), node, &handle);
        return pst::folder(handle);
    }
    std::optional<folder> special_folder(pst_special_folder which) const {
        pst_folder *handle = nullptr;
        if (!detail::call(pst_store_special_folder, get(), static_cast<std::uint32_t>(which), &handle)) return std::nullopt;
        return pst::folder(handle);
    }
    pst::message message_by_id(std::uint32_t node) const {
        pst_message *handle = nullptr;
        detail::call(pst_store_message, get(), node, &handle);
        return pst::message(handle);
    }
    pst::folders folders() const { return made<pst::folders, pst_folder_iter>(pst_store_folders); }
    /// All messages, listed in a folder or not.
    pst::messages messages() const { return made<pst::messages, pst_message_iter>(pst_store_messages); }
    pst::properties properties() const { return made<pst::properties, pst_properties>(pst_store_properties); }
    std::optional<std::uint16_t> named_id(const pst_guid &set, std::uint32_t number) const {
        std::uint16_t id = 0;
        if (!detail::call(pst_store_named_id, get(), &set, number, &id)) return std::nullopt;
        return id;
    }
    std::optional<std::uint16_t> named_id(const pst_guid &set, const std::string &name) const {
        std::uint16_t id = 0;
        if (!detail::call(pst_store_named_id_by_text, get(), &set, name.c_str(), &id)) return std::nullopt;
        return id;
    }
    /// Copies the store to a new file: see pst_store_copy.
    pst_summary copy(const std::string &path, const pst_write_options *options = nullptr,
                     const pst_filter *filter = nullptr, std::function<bool(const pst_event &)> on_event = {}) const;

private:
    static pst_store *opened(const std::string &path, const options *options) {
        pst_store *handle = nullptr;
        detail::call(pst_store_open, path.c_str(), options ? options->get() : nullptr, &handle);
        return handle;
    }
    template <class Made, class Handle, class Function>
    Made made(Function function) const {
        Handle *handle = nullptr;
        detail::call(function, get(), &handle);
        return Made(handle);
    }
};

namespace detail {

/// A callback for events.
struct events {
    passage way;
    std::function<bool(const pst_event &)> on_event;

    static bool tell(void *user, const pst_event *event) {
        auto &self = *static_cast<events *>(user);
        return self.way.run([&] { return self.on_event(*event); });
    }
    pst_on_event function() const { return on_event ? tell : nullptr; }
};

} // namespace detail

inline pst_summary store::copy(const std::string &path, const pst_write_options *options, const pst_filter *filter,
                               std::function<bool(const pst_event &)> on_event) const {
    detail::events told{{}, std::move(on_event)};
    pst_summary summary{};
    told.way.call(pst_store_copy, static_cast<const pst_store *>(get()), path.c_str(), options, filter, told.function(),
                  static_cast<void *>(&told), &summary);
    return summary;
}

/// The result of a check.
class report : public object<pst_report, pst_report_free> {
public:
    using object::object;
    pst_verdict verdict() const { return *detail::optional<pst_verdict>(pst_report_verdict, get()); }
    bool is_complete() const { return *detail::optional<bool>(pst_report_is_complete, get()); }
    pst_totals totals() const { return *detail::optional<pst_totals>(pst_report_totals, get()); }
    std::vector<pst_finding> findings() const {
        std::vector<pst_finding> found;
        pst_finding one;
        for (std::size_t i = 0; detail::call(pst_report_finding, get(), i, &one); i++) found.push_back(one);
        return found;
    }
};

/// Checks a file: see pst_verify. The callbacks may be empty; what they return says whether to go on.
inline report verify(const std::string &path, bool quick = false, std::size_t max_findings = 1000,
                     std::function<bool(const pst_finding &)> on_finding = {},
                     std::function<bool(const pst_progress &)> on_progress = {}) {
    struct state {
        detail::passage way;
        std::function<bool(const pst_finding &)> on_finding;
        std::function<bool(const pst_progress &)> on_progress;
    } told{{}, std::move(on_finding), std::move(on_progress)};
    pst_on_finding find = nullptr;
    pst_on_progress progress = nullptr;
    if (told.on_finding) {
        find = [](void *user, const pst_finding *finding) {
            auto &self = *static_cast<state *>(user);
            return self.way.run([&] { return self.on_finding(*finding); });
        };
    }
    if (told.on_progress) {
        progress = [](void *user, const pst_progress *now) {
            auto &self = *static_cast<state *>(user);
            return self.way.run([&] { return self.on_progress(*now); });
        };
    }
    pst_report *handle = nullptr;
    const pst_options *none = nullptr;
    told.way.call(pst_verify, path.c_str(), none, quick, max_findings, find, progress, static_cast<void *>(&told), &handle);
    return report(handle);
}

/// Raw properties to be written.
class bag : public object<pst_bag, pst_bag_free> {
public:
    bag() : object(made()) {}
    bag &string(std::uint16_t id, const std::string &text) { return set(pst_bag_set_string, id, text.c_str()); }
    bag &integer32(std::uint16_t id, std::int32_t number) { return set(pst_bag_set_integer32, id, number); }
    bag &integer64(std::uint16_t id, std::int64_t number) { return set(pst_bag_set_integer64, id, number); }
    bag &boolean(std::uint16_t id, bool truth) { return set(pst_bag_set_boolean, id, truth); }
    bag &time(std::uint16_t id, std::uint64_t filetime) { return set(pst_bag_set_time, id, filetime); }
    bag &binary(std::uint16_t id, const void *data, std::size_t length) {
        detail::call(pst_bag_set_binary, get(), id, static_cast<const std::uint8_t *>(data), length);
        return *this;
    }

private:
    static pst_bag *made() {
        pst_bag *handle = nullptr;
        detail::call(pst_bag_new, &handle);
        return handle;
    }
    template <class Function, class Value>
    bag &set(Function function, std::uint16_t id, Value value) {
        detail::call(function, get(), id, value);
        return *this;
    }
};

/// An item to be written.
class draft : public object<pst_draft, pst_draft_free> {
public:
    explicit draft(const std::string &message_class = "IPM.Note") : object(made(message_class)) {}
    draft &subject(const std::string &text) { return set(pst_draft_set_subject, text.c_str()); }
    draft &plain_text(const std::string &text) { return set(pst_draft_set_plain_text, text.c_str()); }
    draft &html(const std::string &text) { return set(pst_draft_set_html, text.c_str()); }
    draft &headers(const std::string &text) { return set(pst_draft_set_headers, text.c_str()); }
    draft &message_id(const std::string &id) { return set(pst_draft_set_message_id, id.c_str()); }
    draft &sender(const std::string &name, const std::string &address) {
        return set(pst_draft_set_sender, name.c_str(), address.c_str());
    }
    draft &recipient(pst_role role, const std::string &name, const std::string &address) {
        return set(pst_draft_add_recipient, static_cast<std::uint32_t>(role), name.c_str(), address.c_str());
    }
    draft &dates(std::uint64_t sent, std::uint64_t delivered) { return set(pst_draft_set_dates, sent, delivered); }
    draft &properties(const bag &bag) { return set(pst_draft_set_properties, static_cast<const pst_bag *>(bag.get())); }
    draft &attach(const std::string &name, const std::string &mime_type, std::string_view bytes) {
        const char *none = nullptr;
        const pst_bag *nothing = nullptr;
        return set(pst_draft_attach, name.c_str(), mime_type.empty() ? none : mime_type.c_str(), none,
                   reinterpret_cast<const std::uint8_t *>(bytes.data()), bytes.size(), nothing);
    }
    draft &attach(const std::string &name, draft inner) {
        const pst_bag *nothing = nullptr;
        return set(pst_draft_attach_message, name.c_str(), inner.get(), nothing);
    }

private:
    static pst_draft *made(const std::string &message_class) {
        pst_draft *handle = nullptr;
        detail::call(pst_draft_new, message_class.c_str(), &handle);
        return handle;
    }
    template <class Function, class... Values>
    draft &set(Function function, Values... values) {
        detail::call(function, get(), values...);
        return *this;
    }
};

/// A new store under way. Without finish() there is no file.
class writer : public object<pst_writer, pst_writer_free> {
public:
    explicit writer(const std::string &path, const pst_write_options *options = nullptr) : object(made(path, options)) {}
    std::uint32_t ipm_subtree() {
        std::uint32_t node = 0;
        detail::call(pst_writer_ipm_subtree, get(), &node);
        return node;
    }
    std::uint32_t folder(std::uint32_t parent, const std::string &name) {
        std::uint32_t node = 0;
        const char *none = nullptr;
        detail::call(pst_writer_create_folder, get(), parent, name.c_str(), none, &node);
        return node;
    }
    void designate(std::uint32_t folder, pst_special_folder which) {
        detail::call(pst_writer_designate, get(), folder, static_cast<std::uint32_t>(which));
    }
    /// Writes an item, which is used up.
    std::uint32_t add(std::uint32_t folder, draft item) {
        std::uint32_t node = 0;
        detail::call(pst_writer_add, get(), folder, item.get(), &node);
        return node;
    }
    /// Writes a message of another store, or a mail; gives what was lost.
    std::vector<loss> add(std::uint32_t folder, const message &message) {
        pst_conversion *conversion = nullptr;
        std::uint32_t *nowhere = nullptr;
        detail::call(pst_writer_add_message, get(), folder, static_cast<const pst_message *>(message.get()), nowhere,
                     &conversion);
        return pst::message::losses(conversion);
    }
    void finish() { detail::call(pst_writer_finish, get()); }

private:
    static pst_writer *made(const std::string &path, const pst_write_options *options) {
        pst_writer *handle = nullptr;
        detail::call(pst_writer_create, path.c_str(), options, &handle);
        return handle;
    }
};

/// What came of a recovery.
class recovery : public object<pst_recovery, pst_recovery_free> {
public:
    /// Brings back what can be brought back of a file: see pst_recover.
    explicit recovery(const std::string &path, std::uint32_t flags = 0) : object(made(path, flags)) {}
    pst::store store() const {
        pst_store *handle = nullptr;
        detail::call(pst_recovery_store, get(), &handle);
        return pst::store(handle);
    }
    bool is_changed() const { return *detail::optional<bool>(pst_recovery_is_changed, get()); }
    std::uint64_t count(pst_recovered what) const {
        std::uint64_t count = 0;
        detail::call(pst_recovery_count, get(), static_cast<std::uint32_t>(what), &count);
        return count;
    }

private:
    static pst_recovery *made(const std::string &path, std::uint32_t flags) {
        pst_recovery *handle = nullptr;
        const pst_options *none = nullptr;
        pst_on_progress nobody = nullptr;
        void *user = nullptr;
        detail::call(pst_recover, path.c_str(), none, flags, nobody, user, &handle);
        return handle;
    }
};

} // namespace pst

#endif // PST_HPP
