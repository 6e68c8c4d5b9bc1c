package io.millrace.server.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.SettingsScope;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClientQuotasTest {
    private static final String USER = ClientQuotas.ANONYMOUS;

    private final ClientQuotas quotas = new ClientQuotas(InstantSource.fixed(Instant.ofEpochMilli(5_000)));

    @Test
    void withoutAQuotaNobodyPauses() {
        quotas.follow(ClusterImage.EMPTY);

        assertThat(quotas.areSet()).isFalse();
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

        assertThat(quotas.areSet()).isFalse();
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
