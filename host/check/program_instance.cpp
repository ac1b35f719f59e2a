#include "check/program_instance.h"

#include "loader/call_json.h"
#include "runtime/json_bodies.h"

#include <array>
#include <filesystem>
#include <utility>

namespace hearback::check {

namespace {

using loader::Call;
using loader::Method;

// The kit's own patience with a test ends before.
constexpr base::Micros kCallMax = 5 * base::kMinute;
constexpr std::size_t kRoutesMax = 16;

std::string_view viewOf(hb_text text) {
    return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}

std::string_view viewOf(hb_bytes bytes) {
    return bytes.data == nullptr
               ? std::string_view()
               : std::string_view(reinterpret_cast<const char*>(bytes.data), bytes.size);
}

hb_text textOf(std::string_view view) { return {view.data(), view.size()}; }

std::filesystem::path workerProgram() {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "hearback-worker";
}

} // namespace

// The functions of the tables. A friend of ProgramInstance: they are its other half.
struct ProgramTables {
    static ProgramInstance& of(hb_instance* instance) {
        return *reinterpret_cast<ProgramInstance*>(instance);
    }

    static hb_status configure(hb_instance* instance, hb_text settings) {
        return of(instance).run({.method = Method::Configure, .bytes = viewOf(settings)}, nullptr);
    }
    static hb_status check(hb_instance* instance, const hb_writer* out) {
        return of(instance).run({.method = Method::Check}, out);
    }
    static hb_status start(hb_instance* instance, hb_bytes checkpoint) {
        return of(instance).start({.method = Method::Start,
                                   .bytes = viewOf(checkpoint),
                                   .has_checkpoint = checkpoint.data != nullptr});
    }
    static hb_status stop(hb_instance* instance, std::int64_t) {
        return of(instance).run({.method = Method::Stop}, nullptr);
    }
    static void cancel(hb_instance* instance) { of(instance).cancel(); }
    static void destroy(hb_instance* instance) { of(instance).destroy(); }
    static const void* getExtension(hb_instance* instance, hb_text id) {
        return of(instance).extension(viewOf(id));
    }

    static hb_status poll(hb_instance* instance, std::uint64_t batch_id, std::uint32_t max_items,
                          std::uint64_t max_bytes, std::uint32_t timeout_ms, const hb_writer* out) {
        return of(instance).run({.method = Method::Poll,
                                 .batch_id = batch_id,
                                 .limits = {batch_id, max_items, max_bytes, timeout_ms}},
                                out);
    }
    static hb_status ack(hb_instance* instance, std::uint64_t batch_id, std::int32_t verdict) {
        return of(instance).run(
            {.method = Method::Ack, .batch_id = batch_id, .stored = verdict == HB_VERDICT_STORED},
            nullptr);
    }
    static hb_status write(hb_instance* instance, std::uint64_t batch_id, hb_bytes batch,
                           const hb_writer* out) {
        return of(instance).run(
            {.method = Method::Write, .bytes = viewOf(batch), .batch_id = batch_id}, out);
    }
    static hb_status labels(hb_instance* instance, const hb_writer* out) {
        return of(instance).run({.method = Method::Labels}, out);
    }
    template <Method kMethod>
    static hb_status pass(hb_instance* instance, hb_bytes bytes, const hb_writer* out) {
        return of(instance).run({.method = kMethod, .bytes = viewOf(bytes)}, out);
    }

    // A handler is not told its path, so that each route has one of its own.
    template <std::size_t kRoute>
    static hb_status receive(hb_instance* instance, hb_bytes request, const hb_writer* out) {
        ProgramInstance& self = of(instance);
        return self.run(
            {.method = Method::Receive, .bytes = viewOf(request), .path = self.routes_.at(kRoute)},
            out);
    }
    using Handler = hb_status (*)(hb_instance*, hb_bytes, const hb_writer*);
    template <std::size_t... kRoutes>
    static constexpr std::array<Handler, sizeof...(kRoutes)>
    handlers(std::index_sequence<kRoutes...>) {
        return {receive<kRoutes>...};
    }
};

ProgramInstance::ProgramInstance(const loader::PluginFile& file,
                                 const loader::PluginManifest& manifest, HostSide& host)
    : file_(file), manifest_(manifest), call_(std::make_shared<CallInProgram>(host)),
      pool_(workerProgram(), clock_) {}

hb_status ProgramInstance::create() {
    runtime::WorkerOptions options;
    options.what = "plugin \"" + manifest_.id + "\"";
    options.program = file_.program;
    options.sockets = manifest_.doesNeed("sockets");
    auto launched = pool_.launch(options);
    if (!launched) return told({pipeline::Verdict::Internal, {}, launched.error().message, 0});
    process_ = std::move(*launched);
    process_->admit(call_->host().name(), {std::make_shared<ProgramServices>(call_),
                                           [call = call_] {
                                               const hb_host& host = *call->host().table();
                                               host.wake(host.context);
                                           },
                                           [](const std::string&) {}});
    const auto made = process_->call(call_->host().name(),
                                     {{"do", "create"}, {"plugin", manifest_.id}}, {}, kCallMax);
    if (!made.answer.isOk()) return told(made.answer);
    for (const auto& name : made.head.value("can", nlohmann::json::array()))
        if (name.is_string())
            if (const auto method = loader::methodOf(name.get<std::string>()))
                abilities_.insert(*method);
    makeTables();
    return HB_OK;
}

void ProgramInstance::makeTables() {
    using T = ProgramTables;
    const auto sized = [](auto& table) { table.struct_size = sizeof table; };
    sized(table_);
    sized(source_);
    sized(classifier_);
    sized(sink_);
    sized(actions_);
    table_.configure = T::configure;
    table_.start = T::start;
    table_.stop = T::stop;
    table_.cancel = T::cancel;
    table_.destroy = T::destroy;
    table_.get_extension = T::getExtension;
    if (can(Method::Check)) table_.check = T::check;
    if (can(Method::Poll)) source_.poll = T::poll;
    if (can(Method::Ack)) source_.ack = T::ack;
    if (can(Method::Decode)) source_.decode = T::pass<Method::Decode>;
    if (can(Method::Classify)) classifier_.classify = T::pass<Method::Classify>;
    if (can(Method::Labels)) classifier_.labels = T::labels;
    if (can(Method::Write)) sink_.write = T::write;
    if (can(Method::Capabilities)) actions_.capabilities = T::pass<Method::Capabilities>;
    if (can(Method::Act)) actions_.act = T::pass<Method::Act>;
}

const void* ProgramInstance::extension(std::string_view id) const {
    if (!manifest_.has(std::string(id))) return nullptr;
    if (id == HB_EXT_SOURCE_1) return &source_;
    if (id == HB_EXT_CLASSIFIER_1) return &classifier_;
    if (id == HB_EXT_SINK_1) return &sink_;
    if (id == HB_EXT_ACTIONS_1) return &actions_;
    return nullptr;
}

runtime::WorkerProcess::Reply ProgramInstance::ask(const Call& call) {
    if (const CallUnderWay* const under_way = HostSide::current()) call_->begin(*under_way);
    const bool has_json = process_->speaksJson();
    const auto internal = [](const base::Error& error) {
        runtime::WorkerProcess::Reply reply;
        reply.answer = {pipeline::Verdict::Internal, {}, error.message, 0};
        return reply;
    };
    const auto request = has_json ? runtime::requestToJson(call.method, call.bytes)
                                  : base::Result<std::string>(std::string(call.bytes));
    if (!request) return internal(request.error());
    auto reply = process_->call(call_->host().name(), loader::toJson(call), *request, kCallMax);
    call_->end();
    if (!has_json) return reply;
    auto result = runtime::resultFromJson(call.method, reply.answer.bytes);
    if (!result) return internal(result.error());
    reply.answer.bytes = std::move(*result);
    return reply;
}

hb_status ProgramInstance::told(const pipeline::Answer& answer) {
    const auto status = static_cast<hb_status>(answer.verdict);
    const hb_host& host = *call_->host().table();
    if (status != HB_OK && status != HB_AGAIN && status != HB_END)
        host.set_error(host.context, status, answer.retry_after / base::kMillisecond,
                       textOf(answer.text), {nullptr, 0});
    return status;
}

hb_status ProgramInstance::run(const Call& call, const hb_writer* out) {
    const pipeline::Answer answer = ask(call).answer;
    if (out != nullptr && !answer.bytes.empty() &&
        out->write(out->context, answer.bytes.data(), answer.bytes.size()) != HB_OK)
        return told({pipeline::Verdict::Limit, {}, "its answer is larger than the host takes", 0});
    return told(answer);
}

hb_status ProgramInstance::start(const Call& call) {
    const auto reply = ask(call);
    if (!reply.answer.isOk()) return told(reply.answer);
    return addRoutes(reply.head.value("routes", nlohmann::json::array()));
}

hb_status ProgramInstance::addRoutes(const nlohmann::json& list) {
    static constexpr auto kHandlers =
        ProgramTables::handlers(std::make_index_sequence<kRoutesMax>());
    const auto routes = loader::routesOf(list);
    routes_.clear();
    for (const auto& route : routes) routes_.push_back(route.path);
    if (routes.empty()) return HB_OK;
    const hb_host& host = *call_->host().table();
    const auto* const ingress = static_cast<const hb_host_ingress_1*>(
        host.get_extension(host.context, textOf(HB_EXT_HOST_INGRESS_1)));
    if (ingress == nullptr)
        return told({pipeline::Verdict::Unsupported, {}, "the host takes no requests", 0});
    for (std::size_t i = 0; i < std::min(routes.size(), kRoutesMax); ++i) {
        std::string methods;
        for (const std::string& method : routes[i].methods)
            methods += (methods.empty() ? "" : ",") + method;
        const hb_route route{sizeof(hb_route), routes[i].max_body_bytes, textOf(routes_[i]),
                             textOf(methods), kHandlers.at(i)};
        const hb_status added = ingress->add_route(host.context, &route);
        if (added != HB_OK) return added;
    }
    return HB_OK;
}

void ProgramInstance::cancel() { process_->cancel(call_->host().name()); }

void ProgramInstance::destroy() {
    process_->dismiss(call_->host().name());
    process_.reset();
}

} // namespace hearback::check
