#include "support/test_kv.h"

#include <catch2/catch.hpp>

using namespace hearback;
using hearback::testing::TestKv;
using runtime::KvStore;

TEST_CASE("a plugin's values are kept byte by byte and each instance has its own", "[runtime]") {
    TestKv store;
    std::string every_byte;
    for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
    REQUIRE(store.kv->set("shop", "token", every_byte));
    REQUIRE(store.kv->set("mail", "token", ""));
    REQUIRE(store.kv->set("shop", "Schl\u00fcssel", "first"));
    REQUIRE(store.kv->set("shop", "Schl\u00fcssel", std::string(KvStore::kValueMax, '\xff')));
    store.reopen();
    CHECK(**store.kv->get("shop", "token") == every_byte);
    CHECK(**store.kv->get("mail", "token") == "");
    CHECK(store.kv->all("shop")->size() == 2);
    CHECK(store.kv->all("shop")->at("Schl\u00fcssel").size() == KvStore::kValueMax);
    REQUIRE(store.kv->remove("shop", "token"));
    CHECK_FALSE(*store.kv->get("shop", "token"));
    CHECK(*store.kv->get("mail", "token"));
}

TEST_CASE("a key that an engine could not keep as it is is refused", "[runtime]") {
    TestKv store;
    REQUIRE(store.kv->set("shop", "a", "kept"));
    for (const std::string& key : {std::string("a\0b", 3), std::string("\xff")}) {
        const auto refused = store.kv->set("shop", key, "x");
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == base::Code::Invalid);
        CHECK_FALSE(*store.kv->get("shop", key));
        CHECK(store.kv->remove("shop", key));
    }
    CHECK(store.kv->set("shop", "", "x").error().code == base::Code::Full);
    CHECK(**store.kv->get("shop", "a") == "kept");
}
