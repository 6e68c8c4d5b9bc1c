package io.millrace.metadata.zookeeper;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.MetadataChange.CreateTopic;
import io.millrace.metadata.MetadataException;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.ZooKeeper.States;
import org.apache.zookeeper.data.ACL;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ZooKeeperSecurityTest {
    private static final ZooKeeperLogin LOGIN = new ZooKeeperLogin("millrace", "right-secret");
    private static final int SESSION_TIMEOUT_MS = 2_000;
    private static final int CONNECTION_TIMEOUT_MS = 3_000;

    private final List<AutoCloseable> open = new ArrayList<>();

    @TempDir
    private Path directory;

    @AfterEach
    void closeAll() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    @Test
    void allThatABrokerWithALoginCreatesBelongsToItAlone() throws Exception {
        var server = keep(TestZooKeeper.withUsers(directory, Map.of("millrace", "right-secret")));
        var store = store(server, "/deep/chroot", new ZooKeeperSecurity(Optional.of(LOGIN), Optional.empty(), true));

        useAll(store);

        var access = accessBelow(store, "/deep");
        assertThat(access).hasSizeGreaterThan(BucketCodec.BUCKETS + 10);
        assertThat(access.values())
                .allSatisfy(acl -> assertThat(acl).singleElement().satisfies(only -> {
                    assertThat(only.getId().getScheme()).isEqualTo("sasl");
                    assertThat(only.getId().getId()).isEqualTo("millrace");
                }));
        var kinds =
                List.of("/brokers/1", "/starts/1", "/controller", "/controller_epoch", "/producer_ids", "/pstate/255");
        assertThat(access.keySet())
                .contains(kinds.stream().map(kind -> "/deep/chroot" + kind).toArray(String[]::new));
        assertThat(access.keySet()).anyMatch(path -> path.startsWith("/deep/chroot/topics/"));
    }

    @Test
    void aLoginFromTheJaasConfigurationOfTheProcessIsEnough() throws Exception {
        var server = keep(TestZooKeeper.withUsers(directory, Map.of("operator", "jaas-secret")));
        TestLogins.install(Map.of(
                "Server", TestLogins.users(Map.of("operator", "jaas-secret")),
                "Client", Map.of("username", "operator", "password", "jaas-secret")));
        boolean isConfigured = ZooKeeperSecurity.hasJaasLogin();

        var store = store(server, "", new ZooKeeperSecurity(Optional.empty(), Optional.empty(), true));

        store.opened().get(10, SECONDS);
        assertThat(isConfigured).isTrue();
        assertThat(accessBelow(store, "/millrace")
                        .get("/millrace/cluster")
                        .get(0)
                        .getId()
                        .getId())
                .isEqualTo("operator");
    }

    @Test
    void aWrongPasswordIsNamedAsTheReasonAndNotPrinted() throws Exception {
        var server = keep(TestZooKeeper.withUsers(directory, Map.of("millrace", "right-secret")));
        var wrong = new ZooKeeperLogin("millrace", "wrong-secret");

        var opened = store(server, "", new ZooKeeperSecurity(Optional.of(wrong), Optional.empty(), true))
                .opened();

        assertThatThrownBy(() -> opened.get(8, SECONDS))
                .hasCauseInstanceOf(MetadataException.class)
                .hasMessageContaining("zookeeper.sasl.password")
                .hasMessageNotContaining("wrong-secret");
        assertThat(wrong.toString()).doesNotContain("wrong-secret");
    }

    @Test
    void aServerThatKnowsNoUsersIsNamedAsTheReason() throws Exception {
        var server = keep(TestZooKeeper.start(directory));

        var opened = store(server, "", new ZooKeeperSecurity(Optional.of(LOGIN), Optional.empty(), false))
                .opened();

        assertThatThrownBy(() -> opened.get(8, SECONDS)).hasMessageContaining("that the server has a section Server");
    }

    @Test
    void aClusterOfAnotherUserIsRefusedWithAnExplanation() throws Exception {
        var server = keep(TestZooKeeper.withUsers(directory, Map.of("millrace", "right-secret", "other", "secret")));
        store(server, "", new ZooKeeperSecurity(Optional.of(LOGIN), Optional.empty(), true))
                .opened()
                .get(10, SECONDS);
        var other = new ZooKeeperLogin("other", "secret");

        var opened = store(server, "", new ZooKeeperSecurity(Optional.of(other), Optional.empty(), true))
                .opened();
        var anonymous = store(server, "", ZooKeeperSecurity.NONE).opened();

        assertThatThrownBy(() -> opened.get(8, SECONDS))
                .hasMessageContaining(
                        "NOAUTH; another user of ZooKeeper owns that znode: check zookeeper.sasl.username");
        assertThatThrownBy(() -> anonymous.get(8, SECONDS)).hasMessageContaining("NOAUTH");
    }

    @Test
    void restrictedAccessWithoutALoginIsRefusedWithAnExplanation() throws Exception {
        var server = keep(TestZooKeeper.start(directory));

        var opened = store(server, "", new ZooKeeperSecurity(Optional.empty(), Optional.empty(), true))
                .opened();

        assertThatThrownBy(() -> opened.get(8, SECONDS))
                .hasMessageContaining("INVALIDACL; zookeeper.set.acl=true needs");
    }

    @Test
    void aBrokerLogsInAgainOnceItsUserIsKnown() throws Exception {
        var sections = new ConcurrentHashMap<String, Map<String, String>>();
        sections.put("Server", TestLogins.users(Map.of("millrace", "right-secret")));
        var server = keep(TestZooKeeper.withUsers(directory, Map.of()));
        server.stop();
        TestLogins.install(sections);
        server.startAgain();
        var store = store(server, "", new ZooKeeperSecurity(Optional.of(LOGIN), Optional.empty(), true));
        store.opened().get(10, SECONDS);
        server.stop();
        sections.put("Server", TestLogins.users(Map.of("millrace", "changed")));
        server.startAgain();
        awaitState(store, States.AUTH_FAILED);
        server.stop();

        sections.put("Server", TestLogins.users(Map.of("millrace", "right-secret")));
        server.startAgain();

        assertThat(store.electController(1, 0, false).get(20, SECONDS)).isPresent();
    }

    @Test
    void aClusterLivesOverTlsWithCertificatesOfBothSides() throws Exception {
        Path serverKeys = TestKeys.keystore(directory, "server");
        Path clientKeys = TestKeys.keystore(directory, "client");
        Path trusted = TestKeys.truststore(directory, "trusted", serverKeys, clientKeys);
        var server = keep(TestZooKeeper.withTls(directory.resolve("data"), serverKeys, trusted, TestKeys.PASSWORD));
        var tls = tls(Optional.of(key(clientKeys)), key(trusted));

        var store = store(server, "/over/tls", new ZooKeeperSecurity(Optional.empty(), Optional.of(tls), true));
        useAll(store);
        var stranger = tls(Optional.of(key(clientKeys)), key(TestKeys.truststore(directory, "strange", clientKeys)));
        var refused = store(server, "", new ZooKeeperSecurity(Optional.empty(), Optional.of(stranger), false))
                .opened();
        var inTheClear = store(server, "", ZooKeeperSecurity.NONE).opened();

        assertThat(accessBelow(store, "/over").values())
                .allSatisfy(acl -> assertThat(acl.get(0).getId().getScheme()).isEqualTo("x509"));
        assertThatThrownBy(() -> refused.get(10, SECONDS))
                .hasMessageContaining("does not agree on TLS")
                .hasMessageContaining("zookeeper.ssl.truststore.location");
        assertThatThrownBy(() -> inTheClear.get(10, SECONDS)).hasMessageContaining("zookeeper.ssl.client.enable");
    }

    @Test
    void aFileWithKeysThatCannotBeUsedIsNamed() throws Exception {
        Path missing = directory.resolve("missing.p12");
        Path keys = TestKeys.keystore(directory, "keys");
        Path garbage = Files.writeString(directory.resolve("garbage.p12"), "no keys");

        assertThatThrownBy(() -> tls(Optional.empty(), key(missing)).check())
                .hasMessageContaining("zookeeper.ssl.truststore.location=" + missing + " does not exist");
        assertThatThrownBy(() -> tls(Optional.of(new ZooKeeperKeyFile(keys, "wrong-secret", "")), key(keys))
                        .check())
                .hasMessageContaining("zookeeper.ssl.keystore.location=" + keys)
                .hasMessageContaining("zookeeper.ssl.keystore.password")
                .hasMessageNotContaining("wrong-secret");
        assertThatThrownBy(() -> tls(Optional.empty(), key(garbage)).check())
                .hasMessageContaining("zookeeper.ssl.truststore.location=" + garbage);
        assertThat(new ZooKeeperKeyFile(keys, "hush", "").toString()).doesNotContain("hush");
    }

    @Test
    void aServerThatIsNotThereIsNamedWithinTheTimeout() {
        var store = ZooKeeperMetadataStore.connect(new ZooKeeperConfiguration(
                "127.0.0.1:1,nowhere.invalid:2181", SESSION_TIMEOUT_MS, 500, ZooKeeperSecurity.NONE));
        open.add(store);

        assertThatThrownBy(() -> store.opened().get(5, SECONDS))
                .hasMessageContaining("zookeeper.connection.timeout.ms=500")
                .hasMessageContaining("127.0.0.1:1 cannot be reached (Connection refused)")
                .hasMessageContaining("nowhere.invalid:2181 has a name that is not known here");
    }

    private ZooKeeperMetadataStore store(TestZooKeeper server, String chroot, ZooKeeperSecurity security) {
        return keep(ZooKeeperMetadataStore.connect(new ZooKeeperConfiguration(
                server.connectString() + chroot, SESSION_TIMEOUT_MS, CONNECTION_TIMEOUT_MS, security)));
    }

    private static void awaitState(ZooKeeperMetadataStore store, States expected) {
        long deadline = System.nanoTime() + SECONDS.toNanos(20);
        while (store.connection().handle().getState() != expected) {
            assertThat(System.nanoTime()).as("waiting for " + expected).isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Has each kind of znode created. */
    private static void useAll(ZooKeeperMetadataStore store) throws Exception {
        store.opened().get(10, SECONDS);
        store.register(broker()).get(10, SECONDS);
        store.allocateProducerIds(1).get(10, SECONDS);
        var session = store.electController(1, 0, false).get(10, SECONDS).orElseThrow();
        session.load().get(10, SECONDS);
        var topic = new TopicImage(
                UUID.randomUUID(),
                "orders",
                DestinationKind.QUEUE,
                Map.of(),
                List.of(List.of(1)),
                List.of(new PartitionState(1, 0, 0, List.of(1), List.of())));
        session.commit(List.of(new CreateTopic(topic))).get(10, SECONDS);
    }

    private static Map<String, List<ACL>> accessBelow(ZooKeeperMetadataStore store, String root) throws Exception {
        var access = new TreeMap<String, List<ACL>>();
        collect(store.connection().handle(), root, access);
        return access;
    }

    private static void collect(ZooKeeper handle, String path, Map<String, List<ACL>> into) throws Exception {
        into.put(path, handle.getACL(path, null));
        for (String child : handle.getChildren(path, false)) {
            collect(handle, path + "/" + child, into);
        }
    }

    private static BrokerRegistration broker() {
        return BrokerRegistration.wanted(1, "127.0.0.1", 9091, null, UUID.randomUUID());
    }

    private static ZooKeeperKeyFile key(Path file) {
        return new ZooKeeperKeyFile(file, TestKeys.PASSWORD, "");
    }

    private static ZooKeeperTls tls(Optional<ZooKeeperKeyFile> keystore, ZooKeeperKeyFile truststore) {
        return new ZooKeeperTls(keystore, Optional.of(truststore), true, Map.of());
    }

    private <T extends AutoCloseable> T keep(T closeable) {
        open.add(closeable);
        return closeable;
    }
}
