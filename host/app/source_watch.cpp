#include "app/source_watch.h"

#include "base/log.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace hearback::app {

namespace {

constexpr base::Micros kKeepEvery = 10 * base::kMinute;

} // namespace

// What cannot be read is learned anew.
SourceWatch::Watched SourceWatch::load(const std::string& source) const {
    Watched watched;
    const auto kept = kv_.get(runtime::KvStore::kRhythms, source);
    if (!kept || !*kept) return watched;
    const std::string& text = **kept;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), watched.newest_at);
    if (error != std::errc()) return {};
    if (auto rhythm = intake::Rhythm::read(end)) watched.rhythm = *rhythm;
    watched.is_silent = watched.rhythm.isSilent(); // was told before the restart
    return watched;
}

void SourceWatch::look(const std::vector<intake::SourceState>& sources) {
    const base::Micros now = clock_.now();
    {
        const std::lock_guard lock(mutex_);
        for (const intake::SourceState& source : sources) {
            const auto known = sources_.find(source.source);
            Watched& watched =
                known != sources_.end()
                    ? known->second
                    : sources_.emplace(source.source, load(source.source)).first->second;
            watched.rhythm.pass(now, source.isWell());
            if (source.last_message_at > watched.seen_at) {
                watched.seen_at = source.last_message_at;
                watched.newest_at = std::max(watched.newest_at, source.newest_at);
                watched.rhythm.arrived(now);
            }
            const bool is_silent = watched.rhythm.isSilent();
            if (is_silent == std::exchange(watched.is_silent, is_silent)) continue;
            if (is_silent)
                base::logWarning(
                    "app",
                    "source is silent: it works, and nothing came for longer than it "
                    "usually takes",
                    {{"source", source.source}, {"hours", watched.rhythm.silence() / base::kHour}});
            else
                base::logInfo("app", "source is not silent any more", {{"source", source.source}});
        }
    }
    if (keep_after_ == 0) keep_after_ = clock_.steady() + kKeepEvery;
    if (clock_.steady() >= keep_after_) keep();
}

void SourceWatch::tellOf(http::SourceHealth& source) const {
    const std::lock_guard lock(mutex_);
    const auto found = sources_.find(source.run.source);
    if (found == sources_.end()) return;
    const Watched& watched = found->second;
    source.is_silent = watched.is_silent;
    source.silence = watched.rhythm.silence();
    source.run.last_message_at = std::max(source.run.last_message_at, watched.rhythm.lastAt());
    source.run.newest_at = std::max(source.run.newest_at, watched.newest_at);
}

void SourceWatch::keep() {
    keep_after_ = clock_.steady() + kKeepEvery;
    std::map<std::string, std::string> texts;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [name, watched] : sources_)
            if (watched.rhythm.lastAt() > 0)
                texts[name] = std::to_string(watched.newest_at) + " " + watched.rhythm.text();
    }
    for (const auto& [name, text] : texts) {
        const auto kept = kv_.set(runtime::KvStore::kRhythms, name, text);
        if (kept) continue;
        base::logWarning("app", "what was learned of sources is not kept: tried again later",
                         {{"source", name}, {"cause", kept.error().message}});
        return; // the others would wait for the same database
    }
}

} // namespace hearback::app
