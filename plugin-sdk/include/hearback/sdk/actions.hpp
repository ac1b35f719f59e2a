// What a channel can do on its channel. Derive from Actions beside Channel:
//   class Forum final : public hearback::Channel, public hearback::Actions { ... };
#pragma once

#include "hearback/plugin/actions.h"
#include "hearback/sdk/idempotency.hpp"
#include "hearback/sdk/message_view.hpp"
#include "hearback/sdk/status.hpp"
#include "hearback/sdk/wire_fields.hpp"

#include <protozero/pbf_builder.hpp>
#include <protozero/pbf_message.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hearback {

// The numbers of hearback/v1/action.proto.
enum class ActionKind : std::int32_t {
    Unspecified = 0,
    Reply = 1,
    PrivateReply = 2,
    Hide = 3,
    Unhide = 4,
    Delete = 5,
    Like = 6,
    Unlike = 7,
    MarkRead = 8,
    Tag = 9,
    BlockAuthor = 10
};
enum class ActionState : std::int32_t { Unspecified = 0, Done = 1, Pending = 2, Rejected = 3 };
enum class Visibility : std::int32_t { Unspecified = 0, Public = 1, Hidden = 2, Deleted = 3 };
enum class TextUnit : std::int32_t {
    Unspecified = 0,
    Bytes = 1,
    CodePoints = 2,
    Graphemes = 3,
    Utf16Units = 4
};

// An action, read in place: valid as long as the bytes are.
struct ActionView {
    std::string_view idempotency_key;
    ActionKind kind = ActionKind::Unspecified;
    std::string_view target_external_id;
    std::string_view text;
    std::string_view actor;
    std::int64_t deadline_us = 0; // 0: no limit
    bool dry_run = false;         // change nothing at the remote side
    std::string_view tag;
    std::optional<MessageView> target;
    std::int32_t attempt = 1;

    explicit ActionView(std::string_view bytes) {
        using Field = wire::Action;
        protozero::pbf_message<Field> in(protozero::data_view(bytes.data(), bytes.size()));
        const auto text_of = [&] {
            const auto view = in.get_view();
            return std::string_view(view.data(), view.size());
        };
        while (in.next()) {
            switch (in.tag_and_type()) {
            case wire::bytes(Field::idempotency_key): idempotency_key = text_of(); break;
            case wire::varint(Field::kind): kind = static_cast<ActionKind>(in.get_enum()); break;
            case wire::bytes(Field::target_external_id): target_external_id = text_of(); break;
            case wire::bytes(Field::text): text = text_of(); break;
            case wire::bytes(Field::actor): actor = text_of(); break;
            case wire::varint(Field::deadline_us): deadline_us = in.get_int64(); break;
            case wire::varint(Field::dry_run): dry_run = wire::truth(in); break;
            case wire::bytes(Field::tag): tag = text_of(); break;
            case wire::bytes(Field::target): target = MessageView(in.get_view()); break;
            case wire::varint(Field::attempt): attempt = in.get_int32(); break;
            default: in.skip();
            }
        }
    }
};

// What became of an action.
struct ActionResult {
    ActionState state = ActionState::Done;
    std::string remote_id; // of what was made, such as the reply
    std::chrono::milliseconds retry_after{0};
    std::string text; // why not, for the person who asked for it
    Visibility visibility = Visibility::Unspecified;

    static ActionResult done(std::string id = {}) {
        ActionResult result;
        result.remote_id = std::move(id);
        return result;
    }
    // The channel took it and will confirm it later, as a message or a change that the source
    // brings.
    static ActionResult pending(std::string id = {}) {
        ActionResult result = done(std::move(id));
        result.state = ActionState::Pending;
        return result;
    }
    static ActionResult rejected(std::string why) {
        ActionResult result;
        result.state = ActionState::Rejected;
        result.text = std::move(why);
        return result;
    }
    ActionResult& nowVisible(Visibility now) {
        visibility = now;
        return *this;
    }

    std::string encode() const {
        using Field = wire::ActionResult;
        std::string bytes;
        protozero::pbf_builder<Field> out(bytes);
        out.add_enum(Field::state, static_cast<std::int32_t>(state));
        if (!remote_id.empty()) out.add_string(Field::remote_id, remote_id);
        if (retry_after.count() > 0) out.add_int64(Field::retry_after_ms, retry_after.count());
        if (!text.empty()) out.add_string(Field::text, text);
        if (visibility != Visibility::Unspecified)
            out.add_enum(Field::visibility, static_cast<std::int32_t>(visibility));
        return bytes;
    }
};

// One thing that can be done, or not, and why.
struct Capability {
    ActionKind kind = ActionKind::Unspecified;
    bool available = true;
    std::string reason;
    std::int32_t text_max = 0; // 0: no limit
    TextUnit text_unit = TextUnit::CodePoints;
    bool reversible = false;
    Idempotency idempotency = Idempotency::None;
    std::int64_t until_us = 0; // 0: no end is known

    static Capability of(ActionKind kind, Idempotency idempotency) {
        Capability capability;
        capability.kind = kind;
        capability.idempotency = idempotency;
        return capability;
    }
    Capability& longest(std::int32_t max, TextUnit unit) {
        text_max = max;
        text_unit = unit;
        return *this;
    }
    Capability& takenBack() {
        reversible = true;
        return *this;
    }
    Capability& until(std::int64_t at_us) {
        until_us = at_us;
        return *this;
    }
    Capability& notNow(std::string why) {
        available = false;
        reason = std::move(why);
        return *this;
    }
};

class CapabilitiesOut {
  public:
    CapabilitiesOut() : out_(bytes_) {}
    CapabilitiesOut(const CapabilitiesOut&) = delete;
    CapabilitiesOut& operator=(const CapabilitiesOut&) = delete;

    void add(const Capability& capability) {
        using Field = wire::Capability;
        protozero::pbf_builder<Field> one(out_, wire::Capabilities::capabilities);
        one.add_enum(Field::kind, static_cast<std::int32_t>(capability.kind));
        one.add_bool(Field::available, capability.available);
        if (!capability.reason.empty()) one.add_string(Field::reason, capability.reason);
        if (capability.text_max > 0) {
            one.add_int32(Field::text_max, capability.text_max);
            one.add_enum(Field::text_unit, static_cast<std::int32_t>(capability.text_unit));
        }
        one.add_bool(Field::reversible, capability.reversible);
        one.add_enum(Field::idempotency, static_cast<std::int32_t>(capability.idempotency));
        if (capability.until_us != 0) one.add_int64(Field::until_us, capability.until_us);
    }
    const std::string& bytes() const { return bytes_; }

  private:
    std::string bytes_;
    protozero::pbf_builder<wire::Capabilities> out_;
};

class Actions {
  public:
    virtual ~Actions() = default;
    // What can be done on this connection, or about one message (null: on the connection).
    virtual Status capabilities(const MessageView* target, CapabilitiesOut& out) = 0;
    // Does it, or with dry_run only finds out whether it would work. A status other than OK: it was
    // not tried, or failed for now.
    virtual Status act(const ActionView& action, ActionResult& result) = 0;
};

} // namespace hearback
