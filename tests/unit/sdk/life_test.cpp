// The order of calls, which the SDK keeps for every plugin.
#include <hearback/sdk/plugin.hpp>
#include <hearback/testing/fake_host.hpp>

#include <catch2/catch.hpp>

#include <new>

using namespace hearback;

namespace {

// Counts what reaches it; none of it may be called but in its order.
class Diary final : public Channel {
  public:
    static constexpr auto kAbout = about("diary", "1.0.0", "Notes what is called");
    explicit Diary(Host&) {}
    Status configure(const int&) { return Status::ok(); }
    Status start(std::optional<std::string_view> checkpoint) override {
        if (checkpoint == "broken") return Status::config("", "no such checkpoint");
        ++starts;
        return Status::ok();
    }
    Status poll(BatchOut& batch, const PollLimits&) override {
        ++polls;
        if (has_no_memory) throw std::bad_alloc();
        batch.add().externalId("1").text("one");
        return Status::ok();
    }
    Status decode(std::string_view, BatchOut&) override { return Status::ok(); }
    void stop() override { ++stops; }
    void cancel() override { ++cancels; }
    int starts = 0;
    int polls = 0;
    int stops = 0;
    int cancels = 0;
    bool has_no_memory = false;
};

struct Life {
    Life() {
        REQUIRE(detail::Library<Diary>::create(host.table(), detail::toText("diary"), &table,
                                               &instance) == HB_OK);
        source = static_cast<const hb_source_1*>(
            table->get_extension(instance, detail::toText(HB_EXT_SOURCE_1)));
        REQUIRE(source != nullptr);
    }
    ~Life() { table->destroy(instance); }
    Life(const Life&) = delete;
    Life& operator=(const Life&) = delete;

    hb_status configure(std::string_view json = "{}") {
        return table->configure(instance, detail::toText(json));
    }
    hb_status start(std::string_view checkpoint = {}) {
        return table->start(instance, detail::toBytes(checkpoint));
    }
    hb_status stop() { return table->stop(instance, 1000); }
    hb_status poll() {
        std::string bytes;
        const detail::StringWriter writer(bytes);
        return source->poll(instance, 1, 10, 1000, 0, writer.table());
    }
    hb_status decode() {
        std::string bytes;
        const detail::StringWriter writer(bytes);
        return source->decode(instance, detail::toBytes("x"), writer.table());
    }
    Diary& diary() { return detail::Box<Diary>::of(instance).plugin; }

    testing::FakeHost host;
    const hb_instance_table* table = nullptr;
    hb_instance* instance = nullptr;
    const hb_source_1* source = nullptr;
};

} // namespace

TEST_CASE("a call that comes out of its order is refused and does not reach the plugin", "[sdk]") {
    Life life;
    CHECK(life.poll() == HB_INTERNAL);
    CHECK(life.decode() == HB_INTERNAL);
    CHECK(life.start() == HB_INTERNAL);
    CHECK(life.stop() == HB_OK); // there is nothing to stop
    life.table->cancel(life.instance);

    CHECK(life.configure(R"({"no_such": 1})") == HB_CONFIG);
    CHECK(life.start() == HB_INTERNAL);
    REQUIRE(life.configure() == HB_OK);
    CHECK(life.poll() == HB_INTERNAL);
    CHECK(life.decode() == HB_OK);
    CHECK(life.start("broken") == HB_CONFIG);
    CHECK(life.poll() == HB_INTERNAL);
    CHECK(life.diary().starts + life.diary().polls + life.diary().stops + life.diary().cancels ==
          0);

    REQUIRE(life.start() == HB_OK);
    CHECK(life.poll() == HB_OK);
    CHECK(life.start() == HB_INTERNAL);
    CHECK(life.configure() == HB_INTERNAL);
    CHECK(life.poll() == HB_OK);
    CHECK(life.stop() == HB_OK);
    CHECK(life.poll() == HB_INTERNAL);
    CHECK(life.stop() == HB_OK);
    CHECK(life.diary().stops == 1);
    REQUIRE(life.start() == HB_OK); // with the settings that it had
    REQUIRE(life.stop() == HB_OK);
    CHECK(life.configure() == HB_OK);
    CHECK(life.diary().starts == 2);
    CHECK(life.diary().polls == 2);
}

TEST_CASE("a plugin that gets no memory fails and goes on", "[sdk]") {
    Life life;
    REQUIRE(life.configure() == HB_OK);
    REQUIRE(life.start() == HB_OK);
    life.diary().has_no_memory = true;
    CHECK(life.poll() == HB_INTERNAL);
    life.diary().has_no_memory = false;
    CHECK(life.poll() == HB_OK);
}
