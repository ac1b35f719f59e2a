// The patterns of all rules, searched for at once: a text field of a message is gone through once,
// however many rules ask about it.
#pragma once

#include "base/result.h"
#include "pipeline/batch.h"
#include "route/fields.h"

#include <memory>
#include <string>
#include <vector>

namespace hearback::route {

// Filled while the rules are compiled, then only read, by any number of threads.
class Patterns {
  public:
    struct Place {
        std::size_t field = 0;
        int pattern = 0;
    };
    enum class Fits { Anywhere, Whole };

    Patterns();
    ~Patterns();

    // A regular expression of RE2 without regard to case; an error where it is none.
    base::Result<Place> add(const std::string& field_name, const Field& field,
                            const std::string& expression, Fits fits);
    // After the last add().
    void compile();

    std::size_t fields() const { return fields_.size(); }
    // Which patterns of a field are found in a message.
    std::vector<int> search(std::size_t field, const pipeline::Item& item) const;

  private:
    struct OfField;
    std::vector<std::unique_ptr<OfField>> fields_;
};

// A message that rules are asked about, with what was found in it so far. For one thread.
class Subject {
  public:
    Subject(const pipeline::Item& item, const Patterns& patterns);

    const pipeline::Item& item() const { return item_; }
    bool has(Patterns::Place place) const;

  private:
    struct Found {
        bool searched = false;
        std::vector<int> patterns;
    };
    const pipeline::Item& item_;
    const Patterns& patterns_;
    mutable std::vector<Found> found_; // at the field's number
};

} // namespace hearback::route
