// What rules can ask about a message: the fields of the message, and what classifiers said.
#pragma once

#include "pipeline/batch.h"

#include <boost/container/small_vector.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearback::route {

enum class FieldType { Text, Number, Truth, Label };
const char* nameOf(FieldType type);

// A configured classifier, as rules see it: `name` and `task` are both names of its labels.
struct KnownClassifier {
    std::string name;
    std::string task;
    std::vector<std::string> labels; // none: any label
};

// A field by its name, ready to be read from messages.
class Field {
  public:
    // None where there is no such field among the message's own and the classifiers'.
    static std::optional<Field> find(std::string_view name,
                                     const std::vector<KnownClassifier>& classifiers);
    // Every name, for suggestions and documentation; "attributes.NAME" stands for any.
    static std::vector<std::string> names(const std::vector<KnownClassifier>& classifiers);

    FieldType type() const { return type_; }
    // The labels that can be; none: any.
    const std::vector<std::string>& labels() const { return labels_; }

    // What the message has: texts and labels as they are, numbers and truths one at most. Nothing
    // where the message does not have the field.
    struct Values {
        // Room for what nearly every message has: rules are asked often and must not allocate.
        boost::container::small_vector<std::string_view, 4> texts;
        std::optional<double> number;
        std::optional<bool> truth;
        bool any() const { return !texts.empty() || number || truth; }
    };
    Values read(const pipeline::Item& item) const;

  private:
    using Reader = void (*)(const Field&, const pipeline::Item&, Values&);
    struct Row;
    static const std::vector<Row>& table();
    static void readLabels(const Field& field, const pipeline::Item& item, Values& values);
    static void readConfidence(const Field& field, const pipeline::Item& item, Values& values);
    static void readScore(const Field& field, const pipeline::Item& item, Values& values);
    static void readAttribute(const Field& field, const pipeline::Item& item, Values& values);

    FieldType type_ = FieldType::Text;
    Reader reader_ = nullptr;
    std::string of_; // the attribute's or classifier's name
    std::vector<std::string> labels_;
};

} // namespace hearback::route
