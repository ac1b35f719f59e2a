// A good channel that breaks one rule where it is told to: a forum where one can reply.
#include "bad.h"

#include <hearback/sdk/plugin.hpp>

#include <algorithm>
#include <cstdio>

using hearback::ActionKind;
using hearback::Status;

class BadActor final : public hearback::Channel, public hearback::Actions {
  public:
    static constexpr auto kAbout =
        hearback::about("bad-actor", "1.0.0", "Posts of a forum").needs("http");

    explicit BadActor(hearback::Host& host) : host_(host) {}
    // A checkpoint is "1 NEXT": its version, and the number of the next post. What it stands for is
    // among the host's values, as a page's token would be that is too long for a checkpoint.
    Status start(std::optional<std::string_view> checkpoint) override {
        const std::string note(checkpoint.value_or(""));
        if (std::sscanf(note.c_str(), "1 %u", &next_) != 1)
            next_ = 0;
        else if (!host_.load(keyOf(next_)))
            return Status::config("", "what the checkpoint stands for is gone");
        return Status::ok();
    }
    Status poll(hearback::BatchOut& batch, const hearback::PollLimits& limits) override {
        for (std::uint32_t n = 0; n < limits.max_items && next_ < kPosts; ++n, ++next_)
            batch.add()
                .externalId(std::to_string(next_))
                .kind(hearback::Kind::Post)
                .text("A lamp!");
        if (batch.size() == 0) return Status::again();
        host_.store(keyOf(next_), "a long token");
        batch.checkpoint("1 " + std::to_string(next_));
        return Status::ok();
    }

    Status capabilities(const hearback::MessageView*, hearback::CapabilitiesOut& out) override {
        out.add(hearback::Capability::of(ActionKind::Reply, hearback::Idempotency::VendorKey)
                    .longest(kLongest, hearback::TextUnit::CodePoints));
        out.add(hearback::Capability::of(ActionKind::BlockAuthor, hearback::Idempotency::NaturalKey)
                    .notNow(bad("actions/capabilities") ? "" : "only moderators may"));
        return Status::ok();
    }
    Status act(const hearback::ActionView& action, hearback::ActionResult& result) override {
        if (action.kind == ActionKind::BlockAuthor)
            return Status::unsupported("only moderators may block an author");
        if (action.kind != ActionKind::Reply) {
            if (bad("actions/unlisted")) return Status::ok();
            return Status::unsupported("one can only reply");
        }
        if (lettersOf(action.text) > kLongest && !bad("actions/text-limit")) {
            result = hearback::ActionResult::rejected("The reply is too long.");
            return Status::ok();
        }
        if (action.dry_run && !bad("actions/dry-run")) return Status::ok();
        const Status sent = send(action);
        if (!sent.isOk()) return sent;
        result = hearback::ActionResult::done("reply-1");
        if (bad("actions/results")) result.state = hearback::ActionState::Unspecified;
        return Status::ok();
    }

  private:
    static std::string keyOf(std::uint32_t place) { return "page " + std::to_string(place); }
    static constexpr unsigned kPosts = 24;
    static constexpr std::int32_t kLongest = 280;

    static std::int32_t lettersOf(std::string_view text) {
        return static_cast<std::int32_t>(
            std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
    }
    Status send(const hearback::ActionView& action) {
        hearback::HttpCall call;
        call.method = "POST";
        call.url = "https://forum.example/replies";
        call.body = std::string(action.text);
        // By its key the forum tells a reply that comes again.
        if (!bad("actions/same-key"))
            call.headers = {{"Idempotency-Key", std::string(action.idempotency_key)}};
        return host_.send(call).outcome();
    }

    hearback::Host& host_;
    unsigned next_ = 0;
};
HEARBACK_PLUGIN(BadActor)
