// A good channel, unless it is told to break a rule: reads all reviews from one address, and goes
// on at a place in their list.
#include "bad.h"

// The entry is wrapped below.
#define hearback_plugin_entry good_entry
#include <hearback/sdk/plugin.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <thread>
#include <unistd.h>

namespace {

using hearback::Status;
using namespace std::chrono_literals;

std::atomic<int> alive{0};
std::atomic<unsigned> highest{0};

#ifdef BAD_SCHEMA
constexpr const char* kUrlIs = ""; // no word on what it is
#else
constexpr const char* kUrlIs = "Where the reviews are";
#endif

class Reviews final : public hearback::Channel {
  public:
    struct Settings {
        std::string url;
        std::string token;
    };
    static constexpr auto kAbout = hearback::about("bad-channel", "1.0.0", "Breaks rules when told")
                                       .needs("http")
                                       .maxInflight(2);
    static constexpr auto kSettings = hearback::settings(
        hearback::setting("url", &Settings::url, kUrlIs).required(),
        hearback::setting("token", &Settings::token, "What it signs in with").secret());

    explicit Reviews(hearback::Host& host) : host_(host) {
        ++alive;
        if (bad("stress/cycles")) (void)::open("/dev/null", O_RDONLY);
    }
    ~Reviews() override {
        --alive;
        if (bad("life/destroy-early") && !was_started_) std::abort();
    }

    Status configure(const Settings& settings) {
        if (bad("settings/fuzz") && settings.url != "https://reviews.example/all") std::abort();
        if (bad("life/configure-again") && configured_++ > 0) return Status::config("/url", "once");
        if (bad("threads/move")) thread_ = ::gettid();
        settings_ = settings;
        return Status::ok();
    }

    Status check(std::string&) override {
        if (bad("check/works")) return Status::unavailable("not today");
        if (bad("check/no-trace")) std::ofstream("trace") << "was here";
        const auto answer = ask();
        if (bad("check/credentials") && answer.status == 401) return Status::unavailable("closed");
        return answer.outcome();
    }

    Status start(std::optional<std::string_view> checkpoint) override {
        if (bad("life/walk") && was_started_) return Status::unavailable("once is enough");
        if (bad("stress/instances") && alive > 100) return Status::unavailable("too many");
        if (bad("host/log")) host_.info("one\ntwo");
        if (bad("host/figures")) host_.count("Not A Name");
        if (bad("host/secrets")) host_.info("signs in with " + settings_.token);
        if (bad("threads/ended")) std::thread([] { std::this_thread::sleep_for(3s); }).detach();
        const bool goes_on =
            (bad("delivery/withheld-ack") || bad("delivery/rejected")) && was_started_;
        was_started_ = true;
        if (goes_on) return Status::ok();
        return begin(std::string(checkpoint.value_or("")));
    }

    void stop() override {
        if (bad("life/stop-in-time")) std::this_thread::sleep_for(1500ms);
    }

    Status poll(hearback::BatchOut& batch, const hearback::PollLimits& limits) override try {
        beforeAll();
        const auto answer = ask();
        if (answer.status != 200) return outcomeOf(answer);
        if (bad("http/too-large") && answer.body.size() > (1U << 20U)) return Status::again();
        return read(nlohmann::json::parse(answer.body), batch, limits);
    } catch (const nlohmann::json::exception& error) {
        if (bad("http/not-understood")) return Status::again();
        if (bad("http/broken-text")) return Status::config("/url", "not clean");
        return Status::unavailable(std::string("that is no list of reviews: ") + error.what());
    } catch (const hearback::HttpError& error) {
        if (bad("http/no-answer")) return Status::config("/url", "nobody there");
        throw;
    }

    void ack(std::uint64_t, bool) override {
        // Loses one where acknowledgements come together.
        if (bad("delivery/ack-bursts") && was_acked_) ++next_;
        was_acked_ = true;
    }

    Status decode(std::string_view payload, hearback::BatchOut& batch) override {
        const auto review = nlohmann::json::parse(payload, nullptr, false);
        if (bad("decode/rejects") && review.is_discarded()) std::abort();
        if (!review.is_object()) return Status::itemInvalid("that is no review");
        add(review, "again", batch);
        return Status::ok();
    }

  private:
    Status begin(const std::string& checkpoint) {
        if (bad("checkpoint/huge") && checkpoint.size() > (64U << 10U)) std::abort();
        if (bad("delivery/killed")) {
            next_ = 0;
            std::ifstream places("place"); // the last line counts
            for (unsigned place = 0; !checkpoint.empty() && places >> place;) next_ = place;
            return Status::ok();
        }
        unsigned version = 1;
        next_ = 0;
        const int found = std::sscanf(checkpoint.c_str(), "%u reviews %u.", &version, &next_);
        const bool is_whole = found == 2 && checkpoint.back() == '.';
        // Any other checkpoint is a new beginning.
        if ((version != 1 && !bad("checkpoint/future")) || !is_whole) next_ = 0;
        const bool skips = bad("checkpoint/foreign") || bad("checkpoint/truncated");
        if (skips && !checkpoint.empty() && !is_whole) next_ = 1000;
        if (bad("checkpoint/future") && version != 1) next_ = 1000;
        if (bad("delivery/rewind") && !checkpoint.empty()) next_ = std::max(next_, highest.load());
        return Status::ok();
    }

    void beforeAll() {
        was_acked_ = false;
        ++polls_;
        if (bad("stress/fuzz") && ++added > 20) std::abort();
        if (bad("stress/memory"))
            std::memset(std::malloc(4 << 20), 1, 4 << 20); // NOLINT: what it does wrong
        if (bad("threads/tags"))
            std::thread([this] {
                try {
                    host_.store("key", "value");
                } catch (const hearback::Error&) {
                }
            }).join();
    }

    hearback::HttpAnswer ask() {
        hearback::HttpCall call;
        call.url = settings_.url;
        if (!settings_.token.empty())
            call.headers.emplace_back("Authorization", "Bearer " + settings_.token);
        call.keep_redirects = bad("http/moved");
        return host_.send(call);
    }

    static Status outcomeOf(const hearback::HttpAnswer& answer) {
        if (bad("http/server-error") && answer.status >= 500) return Status::config("/url", "gone");
        if (bad("http/rate-limited") && answer.status == 429) return Status::unavailable("busy");
        if (bad("http/unauthorised") && answer.status == 401) return Status::unavailable("closed");
        return bad("http/not-found") ? answer.outcome() : answer.pollOutcome();
    }

    Status read(const nlohmann::json& all, hearback::BatchOut& batch,
                const hearback::PollLimits& limits) {
        const auto count = static_cast<unsigned>(all.size());
        const auto now_s = std::chrono::system_clock::now().time_since_epoch() / 1s;
        if (bad("http/clock") && std::abs(host_.nowUs() / 1000000 - now_s) > 3600) next_ = count;
        const bool is_late = thread_ != 0 && thread_ != ::gettid();
        if (is_late) return Status::unavailable("only where it was configured");
        if (bad("life/instances") && alive > 1) return Status::unavailable("not alone");
        unsigned end = count;
        if (bad("delivery/complete") && count > 0) --end;
        while (next_ < end &&
               (batch.size() + batch.rejects() < limits.max_items || bad("poll/items"))) {
            hearback::BatchOut one;
            add(all[next_], "review " + std::to_string(next_), one);
            const bool is_first = batch.size() + batch.rejects() == 0;
            if (!is_first && !bad("poll/bytes") &&
                batch.bytes().size() + one.bytes().size() + 64 > limits.max_bytes)
                break;
            batch.append(one);
            ++next_;
        }
        return finish(batch, limits, end);
    }

    Status finish(hearback::BatchOut& batch, const hearback::PollLimits& limits, unsigned end) {
        if (bad("delivery/killed")) {
            std::ofstream("place", std::ios::app) << next_ + 3 << "\n";
            std::this_thread::sleep_for(20ms); // as a service would take
        }
        highest = std::max(highest.load(), next_);
        const bool is_empty = batch.size() + batch.rejects() == 0;
        if (is_empty && bad("host/wakes"))
            for (int i = 0; i < 1000; ++i) host_.wake();
        if (is_empty && bad("poll/timeout")) std::this_thread::sleep_for(limits.timeout + 500ms);
        if (is_empty && bad("threads/cancel")) std::this_thread::sleep_for(4s);
        if (is_empty) return Status::again();
        const unsigned place = bad("delivery/resume") ? next_ + 1 : next_;
        batch.checkpoint("1 reviews " + std::to_string(place) + ".");
        batch.hasMore(next_ < end);
        return Status::ok();
    }

    void add(const nlohmann::json& review, const std::string& place,
             hearback::BatchOut& batch) try {
        auto id = review.at("id").get<std::string>();
        auto text = review.at("text").get<std::string>();
        if (bad("batch/accepted")) id += "\x01";
        if (bad("batch/stable") || bad("worker/same")) text += std::to_string(polls_ + ++added);
        auto message = batch.add();
        message.externalId(id).kind(hearback::Kind::Review).text(text);
        if (bad("batch/fields")) message.channel("SHOUTING");
        if (bad("batch/times")) message.occurredAt(1700000000);
    } catch (const nlohmann::json::exception& error) {
        batch.reject(error.what(), review.dump(-1, ' ', false, kReplace), place);
    }

    static constexpr auto kReplace = nlohmann::json::error_handler_t::replace;
    static inline unsigned added = 0;

    hearback::Host& host_;
    Settings settings_;
    unsigned next_ = 0;
    int configured_ = 0;
    unsigned polls_ = 0;
    bool was_started_ = false;
    bool was_acked_ = false;
    pid_t thread_ = 0;
};

} // namespace

HEARBACK_PLUGIN(Reviews)
#undef hearback_plugin_entry
#include "bad_entry.h"
