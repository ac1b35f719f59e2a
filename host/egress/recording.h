// Exchanges of plugins with the web, written into a folder and played back from it: a file each,
// without secrets. For tests of plugins, and for looking at what was said. Any thread.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "egress/http_client.h"

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace hearback::egress {

class Recording {
  public:
    enum class Mode { Record, Replay };
    static constexpr std::size_t kFilesMax = 10000;

    // Makes the folder, or reads what is in it. The error names the file that cannot be used.
    static base::Result<std::unique_ptr<Recording>> open(Mode mode, std::filesystem::path folder,
                                                         base::Clock& clock);

    bool replays() const { return mode_ == Mode::Replay; }
    void add(const v1::HttpRequest& request, const base::Result<v1::HttpResponse>& answer,
             const Sender& sender);
    // What was answered to the same request: method, address and body. The same one asked again
    // gives the next recorded answer. Invalid, with what was asked, where there is none.
    base::Result<v1::HttpResponse> play(const v1::HttpRequest& request, const Sender& sender);

  private:
    // A request as it is compared and written: nothing in it is secret.
    struct Asked {
        std::string method;
        std::string url;
        std::string body;
        std::string hash; // of the body
        std::string key() const { return method + " " + url + " " + hash; }
    };
    struct Answers {
        std::deque<base::Result<v1::HttpResponse>> left;
        std::size_t recorded = 0;
    };

    Recording(Mode mode, std::filesystem::path folder, base::Clock& clock)
        : mode_(mode), folder_(std::move(folder)), clock_(clock) {}

    static Asked askedOf(const v1::HttpRequest& request, const Sender& sender);
    base::Result<void> prepare();
    base::Result<void> read(const std::filesystem::path& file);
    std::string notFound(const Asked& asked, std::size_t recorded) const;

    const Mode mode_;
    const std::filesystem::path folder_;
    base::Clock& clock_;
    std::mutex mutex_;
    std::size_t next_ = 1; // number of the next file
    bool is_full_ = false;
    std::map<std::string, Answers> answers_;
};

} // namespace hearback::egress
