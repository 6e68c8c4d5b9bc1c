package io.millrace.replication.model;

import java.util.List;

/**
 * By which rules the modelled brokers live.
 *
 * @param policy what a crash leaves of a log: {@code process} all of it, {@code journal} at least what was synced, {@code os} any part
 * @param marker what is done about a broker that has started uncleanly: {@code none} nothing, {@code noticed} the controller that sees it
 *     takes it out of the in-sync and eligible replicas, {@code checked} that too, and no write elects or adds a broker that has started anew
 *     since the controller last looked
 * @param broken rules left out, by the names that the model gives them
 */
record ModelRules(String policy, String marker, List<String> broken) {
    static ModelRules asBuilt(String policy) {
        return new ModelRules(policy, "none", List.of());
    }

    ModelRules withMarker(String newMarker) {
        return new ModelRules(policy, newMarker, broken);
    }

    ModelRules without(String... rules) {
        return new ModelRules(policy, marker, List.of(rules));
    }
}
