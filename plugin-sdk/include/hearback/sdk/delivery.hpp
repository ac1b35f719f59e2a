// What a sink is given, and what it answers with.
#pragma once

#include "hearback/sdk/message_view.hpp"
#include "hearback/sdk/status.hpp"
#include "hearback/sdk/wire_fields.hpp"

#include <protozero/pbf_builder.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hearback {

struct AnnotationView {
    std::string_view classifier;
    std::string_view task;
    std::string_view model_version;
    std::string_view label;
    double score = 0;
    double confidence = 0;
    std::string_view reason;

    explicit AnnotationView(protozero::data_view bytes) {
        protozero::pbf_message<wire::Annotation> in(bytes);
        while (in.next()) {
            switch (in.tag_and_type()) {
            case wire::bytes(wire::Annotation::classifier):
                classifier = toView(in.get_view());
                break;
            case wire::bytes(wire::Annotation::task): task = toView(in.get_view()); break;
            case wire::bytes(wire::Annotation::model_version):
                model_version = toView(in.get_view());
                break;
            case wire::bytes(wire::Annotation::label): label = toView(in.get_view()); break;
            case wire::fixed64(wire::Annotation::score): score = in.get_double(); break;
            case wire::fixed64(wire::Annotation::confidence): confidence = in.get_double(); break;
            case wire::bytes(wire::Annotation::reason): reason = toView(in.get_view()); break;
            default: in.skip();
            }
        }
    }
};

// The numbers of hearback.v1.Priority.
enum class Priority { Normal = 0, Low = 1, High = 2, Urgent = 3 };

struct RouteView {
    std::string_view team;
    Priority priority = Priority::Normal;
    std::vector<std::string_view> tags;
    std::vector<std::string_view> rules;

    RouteView() = default;
    explicit RouteView(protozero::data_view bytes) {
        protozero::pbf_message<wire::Route> in(bytes);
        while (in.next()) {
            switch (in.tag_and_type()) {
            case wire::bytes(wire::Route::team): team = toView(in.get_view()); break;
            case wire::varint(wire::Route::priority):
                priority = static_cast<Priority>(in.get_enum());
                break;
            case wire::bytes(wire::Route::tags): tags.push_back(toView(in.get_view())); break;
            case wire::bytes(wire::Route::rules): rules.push_back(toView(in.get_view())); break;
            default: in.skip();
            }
        }
    }
};

// One message for this sink. The same idempotency key on every attempt, and only there.
struct DeliveryView {
    std::string_view idempotency_key;
    std::int64_t message_id = 0;
    MessageView message;
    std::vector<AnnotationView> annotations;
    RouteView route;
    std::int32_t attempt = 1;
    // What the sink called an earlier delivery of this message: what to update. Empty: none.
    std::string_view remote_id;

    explicit DeliveryView(protozero::data_view bytes) {
        protozero::pbf_message<wire::Delivery> in(bytes);
        while (in.next()) {
            switch (in.tag_and_type()) {
            case wire::bytes(wire::Delivery::idempotency_key):
                idempotency_key = toView(in.get_view());
                break;
            case wire::varint(wire::Delivery::message_id): message_id = in.get_int64(); break;
            case wire::bytes(wire::Delivery::message): message = MessageView(in.get_view()); break;
            case wire::bytes(wire::Delivery::annotations):
                annotations.emplace_back(in.get_view());
                break;
            case wire::bytes(wire::Delivery::route): route = RouteView(in.get_view()); break;
            case wire::varint(wire::Delivery::attempt): attempt = in.get_int32(); break;
            case wire::bytes(wire::Delivery::remote_id): remote_id = toView(in.get_view()); break;
            default: in.skip();
            }
        }
    }
};

// Calls each(index, DeliveryView) for every delivery of a DeliveryBatch.
template <class Each>
void eachDelivery(std::string_view bytes, Each&& each) {
    protozero::pbf_message<wire::DeliveryBatch> in(
        protozero::data_view(bytes.data(), bytes.size()));
    std::uint32_t index = 0;
    while (in.next()) {
        if (in.tag_and_type() == wire::bytes(wire::DeliveryBatch::deliveries))
            each(index++, DeliveryView(in.get_view()));
        else
            in.skip();
    }
}

// What became of single deliveries; those not named share the status that write() returns.
class ResultsOut {
  public:
    ResultsOut() : out_(bytes_) {}
    ResultsOut(const ResultsOut&) = delete;
    ResultsOut& operator=(const ResultsOut&) = delete;

    void delivered(std::uint32_t index, std::string_view remote_id) {
        add(index, HB_OK, 0, remote_id, {});
    }
    void failed(std::uint32_t index, const Status& status) {
        add(index, status.code(), status.retryAfterMs(), {}, status.text());
    }
    // The remote side has surely not seen it: also a sink without any idempotency is asked again.
    void untried(std::uint32_t index, const Status& status) {
        add(index, status.code(), status.retryAfterMs(), {}, status.text(), true);
    }
    // The other side wants nothing any more: nothing is sent until an operator resumes it.
    void gone(std::uint32_t index, std::string_view text) { add(index, HB_END, 0, {}, text); }
    const std::string& bytes() const { return bytes_; }

  private:
    void add(std::uint32_t index, hb_status status, std::int64_t retry_after_ms,
             std::string_view remote_id, std::string_view text, bool untried = false) {
        using Field = wire::DeliveryResult;
        protozero::pbf_builder<Field> result(out_, wire::DeliveryResults::results);
        result.add_uint32(Field::index, index);
        result.add_int32(Field::status, status);
        if (retry_after_ms > 0) result.add_int64(Field::retry_after_ms, retry_after_ms);
        if (!remote_id.empty())
            result.add_string(Field::remote_id, remote_id.data(), remote_id.size());
        if (!text.empty()) result.add_string(Field::text, text.data(), text.size());
        if (untried) result.add_bool(Field::untried, true);
    }

    std::string bytes_;
    protozero::pbf_builder<wire::DeliveryResults> out_;
};

} // namespace hearback
