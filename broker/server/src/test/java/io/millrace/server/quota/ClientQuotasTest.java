package io.millrace.server.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.SettingsScope;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ClientQuotasTest {
    private static final String USER = ClientQuotas.ANONYMOUS;

    private long nowMs = 5_000;
    private final ClientQuotas quotas = new ClientQuotas(() -> Instant.ofEpochMilli(nowMs));

    @Test
    void withoutAQuotaNobodyPauses() {
        quotas.follow(ClusterImage.EMPTY);

        assertThat(quotas.areSet(QuotaKey.PRODUCER_BYTE_RATE)).isFalse();
        assertThat(quotas.mutations("a", true)).isSameAs(MutationAllowance.UNLIMITED);
        assertThat(write("a", Long.MAX_VALUE)).isZero();
    }

    @Test
    void theMostSpecificQuotaHolds() {
        var settings = new LinkedHashMap<SettingsScope, Map<String, String>>();
        String[][] scopes = {
            {null, ""}, {null, "a"}, {"", null}, {"", ""}, {"", "a"}, {USER, null}, {USER, ""}, {USER, "a"}
        };
        double rate = 1;
        for (String[] names : scopes) {
            settings.put(scope(names[0], names[1]), Map.of("producer_byte_rate", Double.toString(rate)));

            var limit = QuotaLimits.of(settings).find(QuotaKey.PRODUCER_BYTE_RATE, USER, "a");

            assertThat(limit.orElseThrow().perSecond()).as("%s", settings).isEqualTo(rate);
            rate++;
        }
        assertThat(QuotaLimits.of(settings).find(QuotaKey.CONSUMER_BYTE_RATE, USER, "a"))
                .isEmpty();
    }

    @Test
    void clientsUnderADefaultAreCountedEachByItself() {
        follow(Map.of(scope(null, ""), Map.of("producer_byte_rate", "1000")));

        assertThat(write("a", 20_000)).isPositive();
        assertThat(write("b", 5_000)).isZero();
        assertThat(quotas.record(QuotaKey.CONSUMER_BYTE_RATE, "a", 1_000_000)).isZero();
    }

    @Test
    void aUsersClientsShareTheQuotaOfTheUser() {
        follow(Map.of(scope(USER, null), Map.of("producer_byte_rate", "1000")));

        assertThat(write("a", 9_000)).isZero();
        assertThat(write("b", 9_000)).isPositive();
    }

    @Test
    void settingsOfBrokersAreNoQuotas() {
        follow(Map.of(SettingsScope.ALL_BROKERS, Map.of("log.retention.ms", "1")));

        assertThat(Stream.of(QuotaKey.values())).noneMatch(quotas::areSet);
    }

    @Test
    void moreClientsThanAreCountedAreCountedTogether() {
        follow(Map.of(scope(null, ""), Map.of("producer_byte_rate", "1000")));
        for (int i = 0; i < ClientQuotas.COUNTED_MAX; i++) {
            write("client-" + i, 1);
        }

        assertThat(write("one more", 9_000)).isZero();
        assertThat(write("another", 9_000)).isPositive();
    }

    @Test
    void aRequestThatTakesMoreThanItsShareOfAThreadPausesForASecondAtMost() {
        follow(Map.of(scope(null, "a"), Map.of("request_percentage", "1")));

        assertThat(quotas.recordTime("a", 99_000_000)).isZero(); // 1 % of ten seconds, but for a millisecond
        assertThat(quotas.recordTime("a", 2_000_000)).isBetween(1, 1_000);
        assertThat(quotas.recordTime("a", 60_000_000_000L)).isEqualTo(1_000);
        assertThat(quotas.recordTime("b", 60_000_000_000L)).isZero();
    }

    @Test
    void changesAreRefusedWhileTokensAreOwed() {
        followMutations(2);

        var first = quotas.mutations("a", true);
        assertThat(first.admits(30)).isTrue(); // there are 22, and any left will do
        assertThat(first.throttleTimeMs()).isZero();
        var second = quotas.mutations("a", true);
        assertThat(second.admits(1)).isFalse();
        assertThat(second.throttleTimeMs()).isEqualTo(4_000);
        assertThat(quotas.mutations("b", true).admits(1)).isTrue();
    }

    @Test
    void tokensComeBackWithTimeUpToABound() {
        followMutations(2);
        assertThat(quotas.mutations("a", true).admits(30)).isTrue();

        nowMs += 4_000;
        assertThat(quotas.mutations("a", true).admits(22)).isTrue();
        nowMs += 3_600_000;
        assertThat(quotas.mutations("a", true).admits(23)).isTrue();
        assertThat(quotas.mutations("a", true).admits(1)).isFalse();
    }

    @Test
    void anOlderClientIsNeverRefusedButToldToWait() {
        followMutations(2);

        var allowance = quotas.mutations("a", false);
        assertThat(allowance.admits(22)).isTrue();
        assertThat(allowance.throttleTimeMs()).isZero();
        assertThat(allowance.admits(100)).isTrue();

        assertThat(allowance.throttleTimeMs()).isEqualTo(50_000);
        assertThat(allowance.pauseMs()).isEqualTo(11_000);
    }

    @Test
    void requestsThatOvertakeEachOtherAreNotGivenTheSameTimeTwice() {
        followMutations(2);
        var former = quotas.mutations("a", true);
        assertThat(former.admits(22)).isTrue();
        nowMs += 500;
        var latter = quotas.mutations("a", true);
        assertThat(latter.admits(1)).isTrue();
        assertThat(former.admits(1)).isTrue();

        assertThat(latter.admits(1)).isFalse();
    }

    @Test
    void aChangeThatTheControllerWillRefuseIsNotOwedForYears() {
        followMutations(1);

        assertThat(quotas.mutations("a", true).admits(Integer.MAX_VALUE)).isTrue();

        var next = quotas.mutations("a", true);
        assertThat(next.admits(1)).isFalse();
        assertThat(next.throttleTimeMs()).isEqualTo(9_989_000);
    }

    @Test
    void whatChangesNothingIsAlwaysAdmitted() {
        followMutations(1);
        assertThat(quotas.mutations("a", true).admits(100)).isTrue();

        var allowance = quotas.mutations("a", true);

        assertThat(allowance.admits(0)).isTrue();
        assertThat(allowance.throttleTimeMs()).isZero();
    }

    private void followMutations(int perSecond) {
        follow(Map.of(scope(null, ""), Map.of("controller_mutation_rate", Integer.toString(perSecond))));
    }

    private int write(String clientId, long bytes) {
        return quotas.record(QuotaKey.PRODUCER_BYTE_RATE, clientId, bytes);
    }

    private void follow(Map<SettingsScope, Map<String, String>> settings) {
        quotas.follow(ClusterImage.EMPTY.withSettings(settings));
    }

    private static SettingsScope scope(String user, String clientId) {
        var names = new LinkedHashMap<String, String>();
        if (user != null) {
            names.put(SettingsScope.USER, user);
        }
        if (clientId != null) {
            names.put(SettingsScope.CLIENT_ID, clientId);
        }
        return new SettingsScope(names);
    }
}
