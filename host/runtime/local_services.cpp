#include "runtime/local_services.h"

#include "base/utf8.h"
#include "egress/digest.h"
#include "egress/redaction.h"
#include "egress/url.h"

#include <utility>

namespace hearback::runtime {

namespace {

constexpr std::size_t kLineMax = 4096;
// Of this a line is made: looked through for secrets before it is cut.
constexpr std::size_t kRawLineMax = 64 << 10;
constexpr std::size_t kMetricNamesMax = 100;
constexpr std::size_t kGivenTokensMax = 1000;

base::Error noDatabase() { return {base::Code::Unavailable, "no database is open"}; }

// Without control characters, of ASCII and of Latin-1. `text` is valid.
std::string onOneLine(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool is_c1 =
            byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
        if (byte >= 0x20 && byte != 0x7f && !is_c1) {
            out += text[i];
            continue;
        }
        if (!out.empty() && out.back() != ' ') out += ' ';
        i += is_c1 ? 1 : 0;
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

// Where a request goes, as its budgets are named.
std::string placeOf(const egress::Target& target) {
    const bool is_default = target.port == (target.encrypted ? 443 : 80);
    return is_default ? target.host : target.host + ":" + std::to_string(target.port);
}

std::shared_ptr<const egress::Sender> senderOf(const std::string& instance, Permissions permissions,
                                               std::shared_ptr<InstanceSecrets> secrets) {
    auto sender = std::make_shared<egress::Sender>();
    sender->instance = instance;
    sender->permit = [permissions = std::move(permissions)](const std::string& host) {
        return permissions.permits(host);
    };
    sender->redact = [secrets = std::move(secrets)](std::string_view text) {
        return secrets->without(text);
    };
    return sender;
}

} // namespace

LocalServices::LocalServices(Facilities& facilities, std::string instance,
                             const std::map<std::string, std::string>& secrets,
                             Permissions permissions)
    : facilities_(facilities), services_(facilities.services), instance_(std::move(instance)),
      secrets_(std::make_shared<InstanceSecrets>(
          secrets, services_.config_folder, services_.clock,
          [&metrics = services_.metrics, name = instance_](const std::string& setting) {
              base::logInfo("runtime", "a secret was changed",
                            {{"instance", name}, {"setting", setting}});
              metrics.count("hearback_plugin_secret_changes_total", {{"instance", name}});
          })),
      sender_(senderOf(instance_, std::move(permissions), secrets_)) {}

LocalServices::~LocalServices() { forgetWake(); }

base::Micros LocalServices::now() const { return services_.clock.now(); }

std::string LocalServices::redacted(std::string_view text) const {
    return egress::withoutCredentialsIn(secrets_->without(text));
}

void LocalServices::log(base::LogLevel level, std::string_view line) {
    const auto verdict = lines_.admit(services_.clock.steady());
    if (verdict == base::WindowLimit::Verdict::LastOne)
        base::logWarning("plugin", "logs too much; the rest of the next seconds is left out",
                         {{"instance", instance_}});
    if (verdict != base::WindowLimit::Verdict::Admitted) return;
    const std::string clean = onOneLine(base::repairUtf8(redacted(line.substr(0, kRawLineMax))));
    base::log(level, "plugin", base::truncateUtf8(clean, kLineMax), {{"instance", instance_}});
}

base::Result<v1::HttpResponse> LocalServices::send(const v1::HttpRequest& request,
                                                   const std::function<bool()>& cancelled) {
    const auto target = egress::parseUrl(request.url());
    if (!target) return target.error();
    const auto permitted = sender_->permit(target->host);
    if (!permitted) return permitted.error();
    const Budgets::Asker asker{instance_, placeOf(*target)};
    const auto spent = facilities_.budgets.spend(asker, request);
    if (!spent) return spent.error();
    const base::Micros begun = services_.clock.steady();
    auto response = services_.http.send(request, *sender_, cancelled);
    services_.metrics.observe("hearback_plugin_http_seconds", {{"instance", instance_}},
                              static_cast<double>(services_.clock.steady() - begun) / 1e6);
    if (response) {
        facilities_.budgets.learn(asker, request, *response);
        return response;
    }
    base::Error error = response.error();
    error.message = redacted(error.message);
    return error;
}

base::Result<std::string> LocalServices::secret(const std::string& setting) {
    return secrets_->get(setting);
}

base::Result<std::string> LocalServices::accessToken(const v1::OAuthAccount& account,
                                                     const std::function<bool()>& cancelled) {
    // A token that is kept already was paid for by another instance's right to send there.
    const auto target = egress::parseUrl(account.token_url());
    if (!target) return target.error();
    const auto permitted = sender_->permit(target->host);
    if (!permitted) return permitted.error();
    auto token = facilities_.oauth.token(
        instance_, account,
        [&http = services_.http, sender = sender_](const v1::HttpRequest& request,
                                                   const std::function<bool()>& left) {
            return http.send(request, *sender, left);
        },
        cancelled);
    if (!token) return token.error();
    secrets_->hide(token->value);
    const std::lock_guard lock(mutex_);
    if (given_tokens_.size() >= kGivenTokensMax) given_tokens_.clear();
    given_tokens_[egress::digest(account.SerializeAsString())] = token->serial;
    return std::move(token->value);
}

base::Result<void> LocalServices::tokenRefused(const v1::OAuthAccount& account) {
    std::uint64_t serial = 0;
    {
        const std::lock_guard lock(mutex_);
        const auto found = given_tokens_.find(egress::digest(account.SerializeAsString()));
        if (found == given_tokens_.end()) return {};
        serial = found->second;
    }
    facilities_.oauth.refused(account, serial);
    return {};
}

base::Result<void> LocalServices::wakeAt(base::Micros at, std::function<void()> wake) {
    facilities_.scheduler.wakeAt(this, at, std::move(wake));
    return {};
}

void LocalServices::forgetWake() { facilities_.scheduler.cancel(this); }

base::Result<std::optional<std::string>> LocalServices::load(const std::string& key) {
    if (services_.kv == nullptr) return noDatabase();
    return services_.kv->get(instance_, key);
}

base::Result<void> LocalServices::store(const std::string& key, const std::string& value) {
    if (services_.kv == nullptr) return noDatabase();
    return services_.kv->set(instance_, key, value);
}

base::Result<void> LocalServices::remove(const std::string& key) {
    if (services_.kv == nullptr) return noDatabase();
    return services_.kv->remove(instance_, key);
}

void LocalServices::count(std::string_view name, double by) {
    if (by > 0 && isMetricName(name))
        services_.metrics.count("hearback_plugin_" + std::string(name) + "_total",
                                {{"instance", instance_}}, by);
}

void LocalServices::gauge(std::string_view name, double value) {
    if (isMetricName(name))
        services_.metrics.set("hearback_plugin_" + std::string(name), {{"instance", instance_}},
                              value);
}

void LocalServices::timing(std::string_view name, base::Micros duration) {
    if (isMetricName(name))
        services_.metrics.observe("hearback_plugin_" + std::string(name) + "_seconds",
                                  {{"instance", instance_}}, static_cast<double>(duration) / 1e6);
}

bool LocalServices::isMetricName(std::string_view name) {
    const bool fits =
        !name.empty() && name.size() <= 64 && name.front() >= 'a' && name.front() <= 'z' &&
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
    if (!fits) return false;
    const std::lock_guard lock(mutex_);
    if (metric_names_.contains(name)) return true;
    if (metric_names_.size() >= kMetricNamesMax) return false;
    metric_names_.emplace(name);
    return true;
}

} // namespace hearback::runtime
