// What a plugin handed over, as a unit test looks at it; and what a test hands to a plugin.
#pragma once

#include "hearback/sdk/plugin_kinds.hpp"
#include "hearback/testing/fake_host.hpp"

#include <memory>

namespace hearback::testing {

struct RejectView {
    std::string_view cause;
    std::string_view payload;
    std::string_view position;
};

// What poll() or decode() handed over. Copies share the bytes that the views look at.
struct Batch : Outcome {
    std::vector<MessageView> messages;
    std::vector<RejectView> rejects;
    std::optional<std::string> checkpoint;
    bool has_more = false;
    std::int64_t next_poll_ms = 0;
    std::uint64_t id = 0;
    std::shared_ptr<const std::string> bytes = std::make_shared<const std::string>();

    Batch() = default;
    Batch(Outcome outcome, std::string all, std::uint64_t batch_id)
        : Outcome(std::move(outcome)), id(batch_id),
          bytes(std::make_shared<const std::string>(std::move(all))) {
        using Field = wire::FeedbackBatch;
        eachMessage(*bytes, [&](const MessageView& each) { messages.push_back(each); });
        protozero::pbf_message<Field> in(*bytes);
        while (in.next()) {
            switch (in.tag()) {
            case Field::checkpoint: checkpoint = in.get_string(); break;
            case Field::has_more: has_more = wire::truth(in); break;
            case Field::rejects: rejects.push_back(readReject(in.get_view())); break;
            case Field::next_poll_ms: next_poll_ms = in.get_int64(); break;
            default: in.skip();
            }
        }
    }

  private:
    static RejectView readReject(protozero::data_view from) {
        RejectView reject;
        protozero::pbf_message<wire::Reject> in(from);
        while (in.next()) {
            switch (in.tag()) {
            case wire::Reject::cause: reject.cause = toView(in.get_view()); break;
            case wire::Reject::payload: reject.payload = toView(in.get_view()); break;
            case wire::Reject::position: reject.position = toView(in.get_view()); break;
            default: in.skip();
            }
        }
        return reject;
    }
};

// A request for a channel that receives, and what it made of it.
struct FakeRequest {
    std::string method = "POST";
    std::string path; // behind the channel's own address
    std::string query;
    Headers headers;
    std::string body;
};
struct FakeReply : Outcome {
    std::int32_t http_status = 0;
    Headers headers;
    std::string body;
    std::string refused;
    Batch batch;

    void read(const std::string& bytes) {
        using Field = wire::IngressReply;
        protozero::pbf_message<Field> in(bytes);
        while (in.next()) {
            switch (in.tag()) {
            case Field::status: http_status = in.get_int32(); break;
            case Field::headers: headers.push_back(readHeader(in.get_view())); break;
            case Field::body: body = in.get_string(); break;
            case Field::batch: batch = Batch({}, in.get_string(), 0); break;
            case Field::refused: refused = in.get_string(); break;
            default: in.skip();
            }
        }
    }
};

// One label of one message.
struct Said {
    std::uint32_t index = 0;
    std::string label;
    std::string model_version;
    double score = 0;
    double confidence = 0;
    std::string reason;
};
struct Annotations : Outcome {
    std::vector<Said> said;
    // The labels of one message.
    std::vector<std::string> of(std::uint32_t index) const {
        std::vector<std::string> labels;
        for (const Said& each : said)
            if (each.index == index) labels.push_back(each.label);
        return labels;
    }

    void read(const std::string& bytes) {
        protozero::pbf_message<wire::ClassifyResponse> in(bytes);
        while (in.next(wire::ClassifyResponse::messages)) {
            protozero::pbf_message<wire::MessageAnnotations> one(in.get_view());
            std::uint32_t index = 0;
            while (one.next()) {
                if (one.tag() == wire::MessageAnnotations::index) {
                    index = one.get_uint32();
                    continue;
                }
                if (one.tag() != wire::MessageAnnotations::annotations) {
                    one.skip();
                    continue;
                }
                const AnnotationView view(one.get_view());
                said.push_back({index, std::string(view.label), std::string(view.model_version),
                                view.score, view.confidence, std::string(view.reason)});
            }
        }
    }
};

// What a sink shall write: deliveries.add("key-1").text("Thank you!");
class Deliveries {
  public:
    MessageOut add(std::string key, std::int32_t attempt = 1) {
        all_.push_back({std::move(key), attempt, std::make_unique<BatchOut>()});
        return all_.back().message->add();
    }
    std::string encode() const {
        std::string bytes;
        protozero::pbf_builder<wire::DeliveryBatch> out(bytes);
        std::int64_t id = 0;
        for (const One& each : all_) {
            protozero::pbf_builder<wire::Delivery> one(out, wire::DeliveryBatch::deliveries);
            one.add_string(wire::Delivery::idempotency_key, each.key);
            one.add_int64(wire::Delivery::message_id, ++id);
            protozero::pbf_message<wire::FeedbackBatch> in(each.message->bytes());
            if (in.next(wire::FeedbackBatch::messages))
                one.add_message(wire::Delivery::message, in.get_view());
            one.add_int32(wire::Delivery::attempt, each.attempt);
        }
        return bytes;
    }

  private:
    struct One {
        std::string key;
        std::int32_t attempt;
        std::unique_ptr<BatchOut> message;
    };
    std::vector<One> all_;
};

struct Written : Outcome {
    std::map<std::uint32_t, Outcome> named;
    std::map<std::uint32_t, std::string> remote_ids;
    // What is not named shares the status of the call.
    Outcome of(std::uint32_t index) const {
        const auto found = named.find(index);
        return found == named.end() ? *this : found->second;
    }

    void read(const std::string& bytes) {
        protozero::pbf_message<wire::DeliveryResults> in(bytes);
        while (in.next(wire::DeliveryResults::results)) readOne(in.get_view());
    }

  private:
    void readOne(protozero::data_view bytes) {
        using Field = wire::DeliveryResult;
        protozero::pbf_message<Field> in(bytes);
        std::uint32_t index = 0;
        Outcome outcome;
        std::string remote_id;
        while (in.next()) {
            switch (in.tag()) {
            case Field::index: index = in.get_uint32(); break;
            case Field::status: outcome.status = in.get_int32(); break;
            case Field::retry_after_ms: outcome.retry_after_ms = in.get_int64(); break;
            case Field::remote_id: remote_id = in.get_string(); break;
            case Field::text: outcome.text = in.get_string(); break;
            default: in.skip();
            }
        }
        named[index] = outcome;
        if (!remote_id.empty()) remote_ids[index] = remote_id;
    }
};

} // namespace hearback::testing
