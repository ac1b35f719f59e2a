#include "cli/dev/workshop.h"

#include "cli/exit_codes.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace hearback::cli::dev {

namespace {

constexpr base::Micros kLook = 100 * base::kMillisecond;

} // namespace

int Workshop::watch(Watch& watch) {
    ground_.console.say("watch", project_.folder().string() + "; Ctrl-C ends");
    if (!renew()) tellWhatGoesOn();
    while (!signal_.wait(kLook)) {
        if (session_) session_->look();
        const std::string changed = watch.changed();
        if (changed.empty()) continue;
        // Editors save in several steps, and people several files.
        while (!signal_.wait(kLook) && !watch.changed().empty()) {
        }
        ground_.console.say("changed", changed);
        if (!renew()) tellWhatGoesOn();
    }
    ground_.console.say("end", signal_.name());
    end(session_.get());
    return kDone;
}

int Workshop::once() {
    Went went = Went::Wrong;
    if (renew()) went = session_->lasts() ? Went::On : Went::Well;
    for (; went == Went::On; went = session_->went())
        if (signal_.wait(kLook)) break;
    if (session_) session_->look();
    if (went == Went::On) ground_.console.say("end", signal_.name());
    end(session_.get());
    if (went == Went::Well) ground_.console.say("end", "all of it went well", Style::Green);
    if (went == Went::Wrong) ground_.console.say("end", "something failed, see above", Style::Red);
    return went == Went::Well ? kDone : kFailed;
}

// False, and told, where a step fails.
bool Workshop::renew() {
    const auto stops = [this] { return signal_.wait(0); };
    if (!project_.build(ground_.console, stops)) return false;
    const auto plugin = project_.plugin(ground_.console);
    if (!plugin) return false;
    auto setup =
        setUp(common_, options_, project_, plugin->manifest.plugins.front(), ground_.console);
    if (!setup) return false;
    std::string made_of = plugin->hash + " " + std::to_string(setup->fingerprint);
    if (made_of == running_) {
        ground_.console.say("run", session_->lasts()
                                       ? "unchanged: the version that runs is this one"
                                       : "unchanged: the samples are shown above");
        return true;
    }
    if (!project_.check(*plugin, ground_.console, stops)) return false;
    auto next = Session::make(ground_, *plugin, std::move(*setup));
    if (!next || !replace(std::move(next))) return false;
    running_ = std::move(made_of);
    return true;
}

// The new one is made and configured; the old one ends as late as that. Both cannot run at once:
// they go on at one checkpoint, and may listen at one port.
bool Workshop::replace(std::unique_ptr<Session> next) {
    const auto stops = [this] { return signal_.wait(0); };
    end(session_.get());
    if (next->start(stops)) {
        session_ = std::move(next);
        return true;
    }
    if (session_ && session_->lasts() && !stops()) {
        end(next.get());
        next.reset();
        takeUpAgain();
        return false;
    }
    // There is nothing better: a channel tries again, as it does in service.
    session_ = std::move(next);
    running_.clear();
    return false;
}

void Workshop::takeUpAgain() {
    const auto stops = [this] { return signal_.wait(0); };
    if (session_->start(stops)) return;
    ground_.console.say("run", "nor does the version before start any more", Style::Red);
    running_.clear();
}

void Workshop::tellWhatGoesOn() {
    if (signal_.wait(0)) return;
    if (session_ && session_->lasts() && !running_.empty())
        ground_.console.say("run", "the version before goes on: mend it, and save", Style::Yellow);
    else
        ground_.console.say("run", "nothing to run yet: mend it, and save", Style::Yellow);
}

void Workshop::end(Session* session) {
    if (session == nullptr || session->end()) return;
    ground_.console.say("end", "the plugin does not return: it is left behind", Style::Red);
    std::fflush(nullptr);
    std::_Exit(kFailed);
}

} // namespace hearback::cli::dev
