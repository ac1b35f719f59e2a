// Writing feedback: straight into wire bytes, nothing in between.
#pragma once

#include "hearback/sdk/wire_fields.hpp"

#include <protozero/pbf_builder.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace hearback {

// The numbers of hearback.v1.Kind.
enum class Kind {
    Unspecified = 0,
    Comment = 1,
    Review = 2,
    DirectMessage = 3,
    Mention = 4,
    Mail = 5,
    SurveyAnswer = 6,
    Post = 7
};
enum class TextFormat { Plain = 0, Html = 1 };

// Who wrote it; followers below 0: not known.
struct AuthorInfo {
    std::string_view external_id;
    std::string_view handle;
    std::string_view display_name;
    std::int64_t followers = -1;
    std::string_view url;
};

// One message under way into a batch; it is in the batch when this goes out of scope. Finish one
// before beginning the next: batch.add().externalId("7").text("Thank you!").occurredAt(us);
// The fields are explained in schemas/hearback/v1/feedback.proto.
class MessageOut {
  public:
    explicit MessageOut(protozero::pbf_builder<wire::FeedbackBatch>& batch)
        : out_(batch, wire::FeedbackBatch::messages) {}

    MessageOut& externalId(std::string_view v) { return text(Field::external_id, v); }
    MessageOut& revision(std::int64_t v) {
        out_.add_int64(Field::revision, v);
        return *this;
    }
    MessageOut& kind(Kind v) {
        out_.add_enum(Field::kind, static_cast<std::int32_t>(v));
        return *this;
    }
    MessageOut& channel(std::string_view v) { return text(Field::channel, v); }
    MessageOut& conversation(std::string_view v) { return text(Field::conversation_key, v); }
    MessageOut& parent(std::string_view v) { return text(Field::parent_external_id, v); }
    MessageOut& author(const AuthorInfo& v) {
        protozero::pbf_builder<wire::Author> author(out_, Field::author);
        addText(author, wire::Author::external_id, v.external_id);
        addText(author, wire::Author::handle, v.handle);
        addText(author, wire::Author::display_name, v.display_name);
        if (v.followers >= 0) author.add_int64(wire::Author::followers, v.followers);
        addText(author, wire::Author::url, v.url);
        return *this;
    }
    MessageOut& text(std::string_view v, TextFormat format = TextFormat::Plain) {
        if (format != TextFormat::Plain)
            out_.add_enum(Field::text_format, static_cast<std::int32_t>(format));
        return text(Field::text, v);
    }
    MessageOut& subject(std::string_view v) { return text(Field::subject, v); }
    MessageOut& language(std::string_view v) { return text(Field::language, v); }
    MessageOut& rating(double value, double scale_min, double scale_max) {
        protozero::pbf_builder<wire::Rating> rating(out_, Field::rating);
        rating.add_double(wire::Rating::value, value);
        rating.add_double(wire::Rating::scale_min, scale_min);
        rating.add_double(wire::Rating::scale_max, scale_max);
        return *this;
    }
    // Counts below 0 are not known.
    MessageOut& reach(std::int64_t views, std::int64_t likes, std::int64_t shares,
                      std::int64_t replies) {
        protozero::pbf_builder<wire::Reach> reach(out_, Field::reach);
        if (views >= 0) reach.add_int64(wire::Reach::views, views);
        if (likes >= 0) reach.add_int64(wire::Reach::likes, likes);
        if (shares >= 0) reach.add_int64(wire::Reach::shares, shares);
        if (replies >= 0) reach.add_int64(wire::Reach::replies, replies);
        return *this;
    }
    MessageOut& permalink(std::string_view v) { return text(Field::permalink, v); }
    MessageOut& attachment(std::string_view name, std::string_view media_type, std::string_view url,
                           std::int64_t size = 0) {
        protozero::pbf_builder<wire::Attachment> attachment(out_, Field::attachments);
        addText(attachment, wire::Attachment::name, name);
        addText(attachment, wire::Attachment::media_type, media_type);
        addText(attachment, wire::Attachment::url, url);
        if (size > 0) attachment.add_int64(wire::Attachment::size, size);
        return *this;
    }
    MessageOut& attribute(std::string_view key, std::string_view value) {
        protozero::pbf_builder<wire::MapEntry> entry(out_, Field::attributes);
        entry.add_string(wire::MapEntry::key, key.data(), key.size());
        entry.add_string(wire::MapEntry::value, value.data(), value.size());
        return *this;
    }
    MessageOut& occurredAt(std::int64_t us) { return time(Field::occurred_at_us, us); }
    MessageOut& editedAt(std::int64_t us) { return time(Field::edited_at_us, us); }
    MessageOut& deletedAt(std::int64_t us) { return time(Field::deleted_at_us, us); }

  private:
    using Field = wire::FeedbackMessage;

    template <class Builder, class F>
    static void addText(Builder& out, F field, std::string_view v) {
        if (!v.empty()) out.add_string(field, v.data(), v.size());
    }
    MessageOut& text(Field field, std::string_view v) {
        addText(out_, field, v);
        return *this;
    }
    MessageOut& time(Field field, std::int64_t us) {
        if (us != 0) out_.add_int64(field, us);
        return *this;
    }

    protozero::pbf_builder<wire::FeedbackMessage> out_;
};

// The batch that a channel hands over.
class BatchOut {
  public:
    BatchOut() : out_(bytes_) {}
    BatchOut(const BatchOut&) = delete;
    BatchOut& operator=(const BatchOut&) = delete;

    MessageOut add() {
        ++size_;
        return MessageOut(out_);
    }
    // How far has been read, including this batch; up to 64 KiB.
    void checkpoint(std::string_view note) {
        out_.add_bytes(wire::FeedbackBatch::checkpoint, note.data(), note.size());
        touched_ = true;
    }
    void hasMore(bool more) { out_.add_bool(wire::FeedbackBatch::has_more, more); }
    // What could not be read: kept by the host with its cause.
    void reject(std::string_view cause, std::string_view payload, std::string_view position) {
        protozero::pbf_builder<wire::Reject> reject(out_, wire::FeedbackBatch::rejects);
        reject.add_string(wire::Reject::cause, cause.data(), cause.size());
        reject.add_bytes(wire::Reject::payload, payload.data(), payload.size());
        reject.add_string(wire::Reject::position, position.data(), position.size());
        ++rejects_;
    }
    void progress(std::int64_t done, std::int64_t total) {
        protozero::pbf_builder<wire::Progress> progress(out_, wire::FeedbackBatch::progress);
        progress.add_int64(wire::Progress::done, done);
        progress.add_int64(wire::Progress::total, total);
        touched_ = true;
    }
    // Asks to be polled again in so many milliseconds, not before.
    void pollAgainIn(std::int64_t ms) {
        out_.add_int64(wire::FeedbackBatch::next_poll_ms, ms);
        touched_ = true;
    }

    // Adds all of another batch: of a row that had to be measured first.
    void append(const BatchOut& other) {
        bytes_ += other.bytes_;
        size_ += other.size_;
        rejects_ += other.rejects_;
        touched_ = touched_ || other.touched_;
    }

    std::size_t size() const { return size_; }
    std::size_t rejects() const { return rejects_; }
    const std::string& bytes() const { return bytes_; }
    // There is something the host should see.
    bool isWorthSending() const { return size_ > 0 || rejects_ > 0 || touched_; }

  private:
    std::string bytes_;
    protozero::pbf_builder<wire::FeedbackBatch> out_;
    std::size_t size_ = 0;
    std::size_t rejects_ = 0;
    bool touched_ = false;
};

} // namespace hearback
