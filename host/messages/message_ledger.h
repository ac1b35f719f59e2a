// The commit's first ledger: messages, revisions, people, conversations. It decides what each item
// is (new, an edit, a tombstone, known already) and what it counts as, for the ledgers that follow.
//
// A message is known by (source, external_id). A revision that the source numbers is newer where
// its number is higher. Where the source does not number, content that was never seen of this
// message is the next revision, and content that was seen is a repeat: so reading a file twice
// stores it once.
#pragma once

#include "base/clock.h"
#include "messages/messages_store.h"
#include "pipeline/stages.h"
#include "storage/dictionary.h"

#include <cstdint>
#include <string>
#include <unordered_map>

namespace hearback::messages {

// How often a classifier is asked about one message before it becomes a dead letter.
inline constexpr int kAnnotationAttemptsMax = 8;

class MessageLedger final : public pipeline::Ledger {
  public:
    MessageLedger(storage::Dictionary& dictionary, base::Clock& clock)
        : dictionary_(dictionary), clock_(clock) {}

    void write(storage::Transaction& tx, std::vector<pipeline::Batch>& group) override;

  private:
    friend class GroupWriter;

    // A person as last written, so that an unchanged one is not written again.
    struct KnownIdentity {
        long long id = 0;
        std::int64_t fingerprint = 0;
    };
    using Identities = std::unordered_map<std::string, KnownIdentity>;

    storage::Dictionary& dictionary_;
    base::Clock& clock_;
    Identities identities_;
};

} // namespace hearback::messages
