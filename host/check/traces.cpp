#include "check/traces.h"

#include "check/bench.h"
#include "check/process_facts.h"
#include "check/said.h"

#include <set>
#include <sstream>

namespace hearback::check {

void Traces::add(const std::vector<Exchange>& exchanges) {
    for (const Exchange& exchange : exchanges)
        if (exchange.changes && exchange.status / 100 == 2)
            all_.push_back(everythingOf(exchange.request));
}

void Traces::addFiles(const std::filesystem::path& folder) {
    for (const auto& [name, content] : filesIn(folder)) {
        std::istringstream lines(content);
        for (std::string line; std::getline(lines, line);) all_.push_back(line);
    }
}

std::vector<std::size_t> Traces::of(const std::string& marker) const {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < all_.size(); ++i)
        if (all_[i].find(marker) != std::string::npos) places.push_back(i);
    return places;
}

std::optional<std::vector<Fate>> fatesOf(const Said& said, std::size_t count) {
    v1::DeliveryResults results;
    if (!results.ParseFromString(said.bytes)) return std::nullopt;
    std::vector<Fate> fates(count);
    for (Fate& fate : fates) fate = {said.status, said.text, false};
    std::set<std::uint32_t> seen;
    for (const auto& result : results.results()) {
        if (result.index() >= count || !seen.insert(result.index()).second) return std::nullopt;
        fates[result.index()] = {result.status(), result.text(), true};
    }
    return fates;
}

void answerEverything(Bench& bench, const std::function<int(const std::string&)>& refuse) {
    const bool has_script = !bench.plan().answers.empty();
    bench.http().intercept(
        [refuse, has_script](const v1::HttpRequest& request) -> std::optional<v1::HttpResponse> {
            const int refused = refuse ? refuse(everythingOf(request)) : 0;
            if (refused == 0 && has_script) return std::nullopt;
            v1::HttpResponse response;
            response.set_status(refused == 0 ? 200 : refused);
            response.set_url(request.url());
            response.set_body("{}");
            v1::HttpHeader& header = *response.add_headers();
            header.set_name("Content-Type");
            header.set_value("application/json");
            return response;
        });
}

} // namespace hearback::check
