// What is upgraded under load: a channel that counts as long as a file is there, a classifier that
// tells even from odd, a sink that notes every key. What the file of faults names goes wrong: a
// version can be made bad after it was looked at.
#include <hearback/sdk/plugin.hpp>

#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

namespace {

using hearback::Status;

constexpr auto kFaults = "File that names a function to fail in";

// Fails where the file says so: "start", "poll", "crash", ...
Status fault(const std::string& file, const std::string& function) {
    std::string wanted;
    if (!file.empty()) std::ifstream(file) >> wanted;
    if (wanted == "crash-" + function) std::abort();
    if (wanted == function) return Status::internal("told to fail in " + function);
    return Status::ok();
}

class Numbers final : public hearback::Channel {
  public:
    struct Settings {
        std::string go;
        std::string faults;
    };
    static constexpr auto kAbout =
        hearback::about("numbers", "1.0.0", "Counts").needs("files").maxInflight(4);
    static constexpr auto kSettings = hearback::settings(
        hearback::setting("go", &Settings::go, "File while which it counts").required(),
        hearback::setting("faults", &Settings::faults, kFaults).defaultsTo(""));
    explicit Numbers(hearback::Host&) {}
    Status configure(const Settings& settings) {
        settings_ = settings;
        return Status::ok();
    }
    Status check(std::string&) override { return fault(settings_.faults, "check"); }
    Status start(std::optional<std::string_view> checkpoint) override {
        next_ = checkpoint ? std::atoll(std::string(*checkpoint).c_str()) : 0;
        return fault(settings_.faults, "start");
    }
    Status poll(hearback::BatchOut& batch, const hearback::PollLimits&) override {
        const Status status = fault(settings_.faults, "poll");
        if (!status.isOk()) return status;
        if (::access(settings_.go.c_str(), F_OK) != 0) return Status::again();
        for (int i = 0; i < 5; ++i, ++next_)
            batch.add().externalId(std::to_string(next_)).text("number " + std::to_string(next_));
        batch.checkpoint(std::to_string(next_));
        batch.pollAgainIn(2);
        return Status::ok();
    }

  private:
    Settings settings_;
    std::int64_t next_ = 0;
};

class Parity final : public hearback::Classifier {
  public:
    struct Settings {
        std::string faults;
    };
    static constexpr auto kAbout = hearback::about("parity", "1.0.0", "Tells even from odd")
                                       .task("parity")
                                       .labels("even", "odd")
                                       .needs("files");
    static constexpr auto kSettings =
        hearback::settings(hearback::setting("faults", &Settings::faults, kFaults).defaultsTo(""));
    explicit Parity(hearback::Host&) {}
    Status configure(const Settings& settings) {
        settings_ = settings;
        return Status::ok();
    }
    std::string modelVersion() const override { return "parity/1"; }
    Status classify(const std::vector<hearback::MessageView>& messages,
                    hearback::AnnotationsOut& out) override {
        const Status status = fault(settings_.faults, "classify");
        if (!status.isOk()) return status;
        for (std::uint32_t i = 0; i < messages.size(); ++i) {
            const bool is_odd = !messages[i].text.empty() && messages[i].text.back() % 2 != 0;
            out.add(i, {is_odd ? "odd" : "even", 1, 1, ""});
        }
        return Status::ok();
    }

  private:
    Settings settings_;
};

class Tally final : public hearback::Sink {
  public:
    struct Settings {
        std::string path;
        std::string faults;
    };
    static constexpr auto kAbout =
        hearback::about("tally", "1.0.0", "Notes every key").needs("files");
    static constexpr auto kSettings =
        hearback::settings(hearback::setting("path", &Settings::path, "Its file").required(),
                           hearback::setting("faults", &Settings::faults, kFaults).defaultsTo(""));
    explicit Tally(hearback::Host&) {}
    Status configure(const Settings& settings) {
        settings_ = settings;
        return Status::ok();
    }
    Status write(const std::vector<hearback::DeliveryView>& deliveries,
                 hearback::ResultsOut&) override {
        const Status status = fault(settings_.faults, "write");
        if (!status.isOk()) return status;
        std::string lines;
        for (const hearback::DeliveryView& delivery : deliveries)
            lines += std::string(delivery.idempotency_key) + " " +
                     std::string(delivery.message.external_id) + "\n";
        const int file = ::open(settings_.path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        const bool whole =
            ::write(file, lines.data(), lines.size()) == static_cast<ssize_t>(lines.size());
        ::close(file);
        return whole ? Status::ok() : Status::unavailable("cannot write");
    }

  private:
    Settings settings_;
};

} // namespace

HEARBACK_PLUGIN(Numbers, Parity, Tally)
