#include "intake/wire_repair.h"

#include "base/utf8.h"

#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

namespace hearback::intake {

namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr int kDepthMax = 8;

class Repair {
  public:
    std::string run(const Descriptor& type, protozero::data_view bytes, const std::string& path,
                    int depth) {
        std::string out;
        protozero::pbf_writer writer(out);
        protozero::pbf_reader in(bytes);
        while (in.next()) copy(type, in, writer, path, depth);
        return out;
    }
    std::vector<std::pair<std::string, std::string>> originals;

  private:
    void copy(const Descriptor& type, protozero::pbf_reader& in, protozero::pbf_writer& out,
              const std::string& path, int depth) {
        const auto tag = in.tag();
        switch (in.wire_type()) {
        case protozero::pbf_wire_type::varint: out.add_uint64(tag, in.get_uint64()); return;
        case protozero::pbf_wire_type::fixed64: out.add_fixed64(tag, in.get_fixed64()); return;
        case protozero::pbf_wire_type::fixed32: out.add_fixed32(tag, in.get_fixed32()); return;
        case protozero::pbf_wire_type::length_delimited: break;
        default: throw protozero::unknown_pbf_wire_type_exception();
        }
        const protozero::data_view value = in.get_view();
        const FieldDescriptor* field = type.FindFieldByNumber(static_cast<int>(tag));
        if (field != nullptr && field->type() == FieldDescriptor::TYPE_STRING) {
            out.add_string(tag, repair(path + field->name(), value));
        } else if (field != nullptr && field->type() == FieldDescriptor::TYPE_MESSAGE) {
            if (depth == kDepthMax) throw protozero::invalid_length_exception();
            out.add_message(
                tag, run(*field->message_type(), value, path + field->name() + ".", depth + 1));
        } else {
            out.add_bytes(tag, value);
        }
    }
    std::string repair(const std::string& path, protozero::data_view value) {
        const std::string_view text(value.data(), value.size());
        if (base::isUtf8(text)) return std::string(text);
        originals.emplace_back(path, text);
        return base::repairUtf8(text);
    }
};

} // namespace

std::optional<Repaired> repairStrings(const Descriptor& type, std::string_view bytes) {
    try {
        Repair repair;
        Repaired repaired;
        repaired.bytes = repair.run(type, {bytes.data(), bytes.size()}, "", 0);
        repaired.originals = std::move(repair.originals);
        return repaired;
    } catch (const protozero::exception&) {
        return std::nullopt;
    }
}

} // namespace hearback::intake
