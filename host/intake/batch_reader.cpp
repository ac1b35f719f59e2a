#include "intake/batch_reader.h"

#include "base/utf8.h"

#include <hearback/sdk/wire_fields.hpp>

#include <protozero/exception.hpp>
#include <protozero/pbf_message.hpp>

#include <algorithm>

namespace hearback::intake {

namespace {

using pipeline::DeadLetter;

constexpr std::size_t kCheckpointMax = 64 << 10;
constexpr std::size_t kRejectMax = 1 << 20;

std::string_view toView(protozero::data_view view) { return {view.data(), view.size()}; }

// Reads the envelope by hand, so that one message that cannot be read does not spoil the others.
class BatchReader {
  public:
    BatchReader(const Origin& origin, base::Micros now) : origin_(origin), now_(now) {
        read_.batch.source = origin.source;
        read_.batch.plugin = origin.plugin;
    }

    base::Result<ReadBatch> run(std::string_view bytes) {
        using Field = wire::FeedbackBatch;
        protozero::pbf_message<Field> in(protozero::data_view(bytes.data(), bytes.size()));
        read_.batch.bytes = bytes.size();
        while (in.next()) {
            switch (in.tag_and_type()) {
            case wire::bytes(Field::messages): addMessage(toView(in.get_view())); break;
            case wire::bytes(Field::checkpoint): read_.batch.checkpoint = in.get_string(); break;
            case wire::varint(Field::has_more): read_.has_more = wire::truth(in); break;
            case wire::bytes(Field::rejects): addReject(in.get_view()); break;
            case wire::bytes(Field::progress): readProgress(in.get_view()); break;
            case wire::varint(Field::next_poll_ms):
                read_.next_poll =
                    std::clamp<std::int64_t>(in.get_int64(), 0, base::kDay / base::kMillisecond) *
                    base::kMillisecond;
                break;
            default: in.skip();
            }
        }
        if (read_.batch.checkpoint && read_.batch.checkpoint->size() > kCheckpointMax)
            return base::Error{base::Code::Invalid, "its checkpoint has more than " +
                                                        std::to_string(kCheckpointMax) + " bytes"};
        return std::move(read_);
    }

  private:
    void addMessage(std::string_view encoded) {
        auto result = normalise(encoded, origin_, now_);
        if (auto* message = std::get_if<v1::FeedbackMessage>(&result)) {
            read_.newest_at = std::max(read_.newest_at, message->occurred_at_us());
            read_.batch.items.emplace_back().message = std::move(*message);
            return;
        }
        DeadLetter& letter = read_.batch.dead_letters.emplace_back();
        letter.stage = DeadLetter::Stage::Normalise;
        letter.source = origin_.source;
        letter.cause = std::get<std::string>(result);
        letter.kind = DeadLetter::Payload::Message;
        letter.payload = encoded.substr(0, kRejectMax);
    }

    void addReject(protozero::data_view bytes) {
        DeadLetter& letter = read_.batch.dead_letters.emplace_back();
        letter.stage = DeadLetter::Stage::Read;
        letter.source = origin_.source;
        protozero::pbf_message<wire::Reject> in(bytes);
        while (in.next()) {
            switch (in.tag_and_type()) {
            case wire::bytes(wire::Reject::cause):
                letter.cause = base::repairUtf8(toView(in.get_view()).substr(0, 1024));
                break;
            case wire::bytes(wire::Reject::payload):
                letter.payload = toView(in.get_view()).substr(0, kRejectMax);
                break;
            case wire::bytes(wire::Reject::position):
                letter.position = base::repairUtf8(toView(in.get_view()).substr(0, 256));
                break;
            default: in.skip();
            }
        }
    }

    void readProgress(protozero::data_view bytes) {
        protozero::pbf_message<wire::Progress> in(bytes);
        while (in.next()) {
            switch (in.tag_and_type()) {
            case wire::varint(wire::Progress::done): read_.progress_done = in.get_int64(); break;
            case wire::varint(wire::Progress::total): read_.progress_total = in.get_int64(); break;
            default: in.skip();
            }
        }
    }

    const Origin& origin_;
    base::Micros now_;
    ReadBatch read_;
};

} // namespace

base::Result<ReadBatch> readBatch(std::string_view bytes, const Origin& origin, base::Micros now) {
    try {
        return BatchReader(origin, now).run(bytes);
    } catch (const protozero::exception&) {
        return base::Error{base::Code::Invalid, "what it wrote is no FeedbackBatch"};
    }
}

} // namespace hearback::intake
