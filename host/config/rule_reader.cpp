#include "config/rule_reader.h"

namespace hearback::config {

namespace {

Condition readCondition(const Value& value, const std::string& path, int depth,
                        std::vector<Problem>& problems);

std::vector<Condition> readParts(const Value& value, const std::string& path, int depth,
                                 std::vector<Problem>& problems) {
    std::vector<Condition> parts;
    const auto* list = std::get_if<Value::List>(&value.content);
    if (list == nullptr || list->empty()) {
        problems.push_back({value.place, path, "must be a list of conditions"});
        return parts;
    }
    for (std::size_t i = 0; i < list->size(); ++i)
        parts.push_back(
            readCondition((*list)[i], path + "[" + std::to_string(i) + "]", depth + 1, problems));
    return parts;
}

void readTest(TableReader& in, Condition& condition) {
    condition.kind = Condition::Kind::Test;
    in.requiredText("field", condition.field);
    in.requiredText("op", condition.op);
    condition.field_place = in.placeOf("field");
    condition.op_place = in.placeOf("op");
    if (const Value* value = in.value("value")) condition.value = *value;
}

Condition readCondition(const Value& value, const std::string& path, int depth,
                        std::vector<Problem>& problems) {
    Condition condition;
    condition.place = value.place;
    condition.path = path;
    if (!std::holds_alternative<Value::Table>(value.content)) {
        problems.push_back({value.place, path,
                            "must be a condition: { field = \"sentiment\", op = \"is\", value = "
                            "\"negative\" }, or all, any, not"});
        return condition;
    }
    if (depth > kConditionDepthMax) {
        problems.push_back(
            {value.place, path,
             "conditions are nested more than " + std::to_string(kConditionDepthMax) + " deep"});
        return condition;
    }
    TableReader in(value, path, problems);
    if (const Value* all = in.value("all")) {
        condition.kind = Condition::Kind::All;
        condition.parts = readParts(*all, path + ".all", depth, problems);
    } else if (const Value* any = in.value("any")) {
        condition.kind = Condition::Kind::Any;
        condition.parts = readParts(*any, path + ".any", depth, problems);
    } else if (const Value* negated = in.value("not")) {
        condition.kind = Condition::Kind::Not;
        condition.parts.push_back(readCondition(*negated, path + ".not", depth + 1, problems));
    } else {
        readTest(in, condition);
    }
    in.finish();
    return condition;
}

} // namespace

RuleSettings readRule(TableReader& in, std::vector<Problem>& problems) {
    RuleSettings rule;
    rule.path = in.path();
    rule.place = in.place();
    in.requiredText("name", rule.name);
    in.text("team", rule.team);
    in.text("priority", rule.priority);
    in.texts("tags", rule.tags);
    in.texts("sinks", rule.sinks);
    in.boolean("stop", rule.stop);
    rule.priority_place = in.placeOf("priority");
    rule.sinks_place = in.placeOf("sinks");
    if (const Value* when = in.value("when"))
        rule.when = readCondition(*when, in.pathOf("when"), 1, problems);
    if (rule.team.empty() && rule.priority.empty() && rule.tags.empty() && rule.sinks.empty() &&
        !rule.stop)
        in.problem("", "does nothing: give it a team, a priority, tags or sinks");
    return rule;
}

} // namespace hearback::config
