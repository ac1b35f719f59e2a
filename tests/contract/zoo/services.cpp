// A channel that does what its setting "does" says with the services of the host, and answers the
// challenges that senders of webhooks begin with.
#include <hearback/sdk/plugin.hpp>
#include <hearback/signatures/signatures.h>

#include <nlohmann/json.hpp>

#include <thread>

namespace {

using hearback::Status;

class Services final : public hearback::Channel {
  public:
    struct Settings {
        std::string does;
        std::string url;
        std::string token;
        std::string account;
    };
    static constexpr auto kAbout = hearback::about("services", "1.0.0", "Uses what there is")
                                       .needs("http", "ingress")
                                       .hosts("setting:url", "*.elsewhere.example");
    static constexpr auto kSettings = hearback::settings(
        hearback::setting("does", &Settings::does, "What poll() does").defaultsTo("nothing"),
        hearback::setting("url", &Settings::url, "Where").required(),
        hearback::setting("token", &Settings::token, "A secret").secret().required(),
        hearback::setting("account", &Settings::account, "Whose tokens, if not url's")
            .defaultsTo(""));
    static constexpr std::string_view kMethods = "GET,POST";

    explicit Services(hearback::Host& host) : host_(host) {}
    Status configure(const Settings& settings) {
        settings_ = settings;
        if (settings.does == "early") early_ = askForAll();
        return Status::ok();
    }
    Status start(std::optional<std::string_view>) override {
        if (settings_.does == "start") early_ = askForAll();
        return Status::ok();
    }

    Status poll(hearback::BatchOut& batch, const hearback::PollLimits&) override {
        const std::string& does = settings_.does;
        std::string said = "done";
        if (does == "send") said = send(settings_.url, {});
        if (does == "budget") said = send(settings_.url, {{"USD", 0.2, 0.5, 86'400'000}});
        if (does == "leave") said = send("https://else.example/", {});
        if (does == "token") said = host_.accessToken(account());
        if (does == "refused") host_.tokenRefused(account());
        if (does == "refused") said = host_.accessToken(account());
        if (does == "secret") said = host_.secret("token");
        if (does == "count") said = count();
        if (does == "wake") host_.wakeAt(host_.nowUs() + 60'000'000);
        if (does == "figures") figures();
        if (does == "early" || does == "start") said = early_;
        if (does == "thread") std::thread([&] { said = askForAll(); }).join();
        if (does == "route") said = addRoute();
        if (does == "fail")
            return Status::unavailable("no luck with " + host_.secret("token") +
                                       " at https://me:word@x.example/?key=AIza");
        batch.add().externalId("1").text(said);
        return Status::ok();
    }

    Status receive(const hearback::Request& request, hearback::Reply& reply) override {
        if (request.method == "GET") {
            // Facebook and its kin; X, whose answer proves that we have the secret.
            if (request.parameter("hub.mode") == "subscribe" &&
                request.parameter("hub.verify_token") == host_.secret("token"))
                reply.text(*request.parameter("hub.challenge"));
            else if (const auto token = request.parameter("crc_token"))
                reply.json(nlohmann::json{
                    {"response_token",
                     "sha256=" + hearback::signatures::toBase64(hearback::signatures::hmacSha256(
                                     host_.secret("token"), *token))}}
                               .dump());
            else
                reply.refuse(403, "challenge", "the verify token is another one");
            return Status::ok();
        }
        const auto body = nlohmann::json::parse(request.body);
        if (body.value("type", nlohmann::json()) == "url_verification") // Slack
            reply.text(body.at("challenge").get<std::string>());
        else if (body.value("type", nlohmann::json()) == 1) // Discord's ping
            reply.json(R"({"type":1})");
        else
            reply.batch().add().externalId("in").text(body.at("text").get<std::string>());
        return Status::ok();
    }

  private:
    std::string send(const std::string& url, std::vector<hearback::Budget> budgets) {
        hearback::HttpCall call;
        call.url = url;
        call.budgets = std::move(budgets);
        const auto answer = host_.send(call);
        return std::to_string(answer.status) + " " + std::to_string(answer.retry_after_ms);
    }
    hearback::OAuthAccount account() const {
        hearback::OAuthAccount account;
        account.token_url =
            (settings_.account.empty() ? settings_.url : settings_.account) + "token";
        account.client_id = "us";
        account.refresh_token = "first-refresh-token";
        return account;
    }
    // The statuses of a request, an access token and a value.
    std::string askForAll() const {
        return statusOf([&] {
                   (void)host_.send({"GET", settings_.url});
               }) +
               " " + statusOf([&] { (void)host_.accessToken(account()); }) + " " +
               statusOf([&] { host_.store("early", "yes"); });
    }
    template <class Call>
    static std::string statusOf(Call&& call) {
        try {
            call();
            return std::to_string(HB_OK);
        } catch (const hearback::Error& error) {
            return std::to_string(error.status().code());
        }
    }
    std::string addRoute() const {
        hb_route route{};
        route.struct_size = sizeof route;
        route.path = {"/late", 5};
        route.methods = {"POST", 4};
        route.handler = [](hb_instance*, hb_bytes, const hb_writer*) -> hb_status { return HB_OK; };
        return std::to_string(host_.ingress()->add_route(host_.table()->context, &route));
    }
    std::string count() {
        const auto before = host_.load("count");
        const std::string now = std::to_string(before ? std::stoi(*before) + 1 : 1);
        host_.store("count", now);
        return now;
    }
    void figures() {
        host_.count("seen", 2);
        host_.gauge("depth", 7);
        host_.info("the token is " + host_.secret("token"));
    }

    hearback::Host& host_;
    Settings settings_;
    std::string early_;
};

} // namespace

HEARBACK_PLUGIN(Services)
