package io.millrace.container;

import static io.millrace.testkit.Wait.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.container.app.FaultyBean;
import io.millrace.container.app.ThreadsServlet;
import io.millrace.testkit.ProcessCluster;
import io.millrace.testkit.Programs;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.arquillian.container.test.api.ContainerController;
import org.jboss.arquillian.container.test.api.Deployer;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.container.test.api.TargetsContainer;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.asset.EmptyAsset;
import org.jboss.shrinkwrap.api.importer.ZipImporter;
import org.jboss.shrinkwrap.api.spec.ResourceAdapterArchive;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The RAR and applications in a WildFly, against three brokers that are processes.
 *
 * <p>The server and the cluster are started once; the tests run in their order and leave the deployments to the next.
 */
@ExtendWith(ArquillianExtension.class)
@RunAsClient
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WildFlyIT {
    private static final Duration DELIVERY = Duration.ofSeconds(30);
    private static final Duration FAILOVER = Duration.ofSeconds(60);
    private static final int MESSAGES = 60;

    private static final WildFlyServer SERVER = new WildFlyServer();
    private static final Http HTTP = new Http(SERVER.httpPort());
    private static ProcessCluster cluster;

    @ArquillianResource
    private ContainerController controller;

    @ArquillianResource
    private Deployer deployer;

    @Deployment(name = "threads", managed = false, testable = false)
    @TargetsContainer("wildfly")
    static WebArchive threads() {
        return ShrinkWrap.create(WebArchive.class, "threads.war").addClass(ThreadsServlet.class);
    }

    @Deployment(name = "rar", managed = false, testable = false)
    @TargetsContainer("wildfly")
    static ResourceAdapterArchive rar() {
        return ShrinkWrap.create(ZipImporter.class, "millrace.rar")
                .importFrom(WildFlyServer.deployment("millrace.rar"))
                .as(ResourceAdapterArchive.class);
    }

    @Deployment(name = "app", managed = false, testable = false)
    @TargetsContainer("wildfly")
    static WebArchive app() {
        return ShrinkWrap.create(WebArchive.class, "app.war")
                .addPackage(FaultyBean.class.getPackage())
                .deleteClass(ThreadsServlet.class)
                .addAsWebInfResource(EmptyAsset.INSTANCE, "beans.xml");
    }

    @Deployment(name = "orders", managed = false, testable = false)
    @TargetsContainer("wildfly")
    static WebArchive orders() {
        return built("orders.war");
    }

    @Deployment(name = "log-collection", managed = false, testable = false)
    @TargetsContainer("wildfly")
    static WebArchive logCollection() {
        return built("log-collection.war");
    }

    @Deployment(name = "activity-tracking", managed = false, testable = false)
    @TargetsContainer("wildfly")
    static WebArchive activityTracking() {
        return built("activity-tracking.war");
    }

    @Deployment(name = "metrics", managed = false, testable = false)
    @TargetsContainer("wildfly")
    static WebArchive metrics() {
        return built("metrics.war");
    }

    private static WebArchive built(String name) {
        return ShrinkWrap.create(ZipImporter.class, name)
                .importFrom(WildFlyServer.deployment(name))
                .as(WebArchive.class);
    }

    @BeforeEach
    void startOnce() {
        if (cluster != null) {
            return;
        }
        cluster = ProcessCluster.aCluster(Path.of(System.getProperty("work.directory"), "cluster"))
                .brokers(3)
                .start();
        controller.start("wildfly", SERVER.configuration(cluster.bootstrapServers()));
        deployer.deploy("threads");
        deployer.deploy("rar");
        deployer.deploy("app");
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    @Order(1)
    void theServersArchiveValidationFindsNothing() {
        assertThat(WildFlyServer.validationReports()).isEmpty();
        assertThat(WildFlyServer.log()).doesNotContain("IJ020015").doesNotContain("low-level API");
    }

    @Test
    @Order(2)
    void aMessageWhoseBeanThrowsTwiceIsDeliveredThreeTimes() {
        send("faulty", "throw one", "");

        assertThat(allSeen("throw one", 3)).containsExactly("1 false", "2 true", "3 true");
    }

    @Test
    @Order(3)
    void aMessageOfATransactionThatIsRolledBackTwiceIsDeliveredThreeTimes() {
        send("faulty", "roll back one", "");

        assertThat(allSeen("roll back one", 3)).containsExactly("1 false", "2 true", "3 true");
    }

    @Test
    @Order(4)
    void aSendInATransactionArrivesWhenThatCommits() {
        send("faulty", "never", "&transaction=rollback");
        send("faulty", "committed", "&transaction=commit");

        assertThat(awaitSeen("committed", 1)).containsExactly("1 false");
        assertThat(seen("never")).isEmpty();
    }

    @Test
    @Order(5)
    void aSubscriberGetsWhatIsPublished() {
        HTTP.get("/app/send?topic=news&text=" + Http.encode("headline"));

        assertThat(awaitSeen("headline", 1)).containsExactly("1 false");
    }

    @Test
    @Order(6)
    void anOrderThatIsPostedArrivesInTheTable() {
        deployer.deploy("orders");

        HTTP.post("/orders/api/orders", "{\"item\":\"mill wheel\",\"quantity\":2}");

        until("the order is stored", DELIVERY, () -> HTTP.get("/orders/api/orders")
                .contains("mill wheel"));
        deployer.undeploy("orders");
    }

    @Test
    @Order(7)
    void aLineOfTheServersLogIsCountedAndReadByOtherClients() throws UnknownHostException {
        Programs.requireKcat();
        String marker = "a line to be collected " + UUID.randomUUID();
        String host = InetAddress.getLocalHost().getHostName();
        deployer.deploy("log-collection");

        HTTP.get("/app/log?text=" + Http.encode(marker));

        until("lines of INFO are counted", DELIVERY, WildFlyIT::countsInfoLines);
        String line = WildFlyServer.log()
                .lines()
                .filter(logged -> logged.contains(marker))
                .findFirst()
                .orElseThrow();
        until("kcat reads the line", DELIVERY, () -> readWithKcat().contains(host + "\t" + line));
        deployer.undeploy("log-collection");
        List<String> read = readWithKcat();
        assertThat(read).allMatch(keyed -> keyed.startsWith(host + "\t"));
        assertThat(TopicReaders.millrace(cluster.bootstrapServers(), "log-lines", read.size()))
                .isEqualTo(read);
    }

    private static boolean countsInfoLines() {
        return Stream.of(HTTP.get("/log-collection/api/lines").split("}"))
                .anyMatch(count -> count.contains("\"level\":\"INFO\"") && count.matches("(?s).*\"lines\":[1-9].*"));
    }

    private static List<String> readWithKcat() {
        return TopicReaders.kcat(cluster.bootstrapServers(), "log-lines");
    }

    @Test
    @Order(8)
    void aPageThatIsViewedRisesWhereABrowserWatches() {
        Programs.requireKcat();
        cluster.createTopic("page-views", 3, 3);
        deployer.deploy("activity-tracking");

        try (ServerSentEvents events = HTTP.watch("/activity-tracking/api/top/live")) {
            until("the browser sees what there is", DELIVERY, () -> events.last()
                    .equals("[]"));
            HTTP.post("/activity-tracking/track?visitor=ann&page=/cups", "");
            HTTP.post("/activity-tracking/track?visitor=ann&page=/tea", "");
            HTTP.post("/activity-tracking/track?visitor=bob&page=/tea", "");

            until("/tea is first, viewed by two", DELIVERY, () -> {
                String[] pages = events.last().split("}");
                return Stream.of("\"page\":\"/tea\"", "\"views\":2", "\"visitors\":2")
                        .allMatch(pages[0]::contains);
            });
        }

        assertThat(TopicReaders.kcat(cluster.bootstrapServers(), "page-views"))
                .extracting(line -> line.split("\t")[0])
                .containsExactlyInAnyOrder("ann", "ann", "bob");
        assertThat(HTTP.statusOfPost("/activity-tracking/track?visitor=ann&page=tea"))
                .isEqualTo(400);
        deployer.undeploy("activity-tracking");
    }

    @Test
    @Order(9)
    void readingsOfTheServerAreSummedUpAndTheLastOnesKept() throws UnknownHostException {
        Programs.requireKcat();
        cluster.createTopic("metrics", 3, 3);
        cluster.createTopic("metrics-latest", 3, 3, Map.of("cleanup.policy", "compact"));
        String metric = InetAddress.getLocalHost().getHostName() + "/threads";
        deployer.deploy("metrics");

        until(
                "two readings are summed up",
                DELIVERY,
                () -> HTTP.get("/metrics/api/metrics").matches("(?s).*\"" + Pattern.quote(metric) + "\".*")
                        && TopicReaders.kcat(cluster.bootstrapServers(), "metrics").stream()
                                        .filter(line -> line.startsWith(metric + "\t"))
                                        .count()
                                > 1);
        assertThat(TopicReaders.kcat(cluster.bootstrapServers(), "metrics-latest"))
                .anyMatch(line -> line.startsWith(metric + "\t"));
        deployer.undeploy("metrics");
    }

    @Test
    @Order(10)
    void deliveryGoesOnWhenTheQueuesLeaderIsKilled() {
        int leader = cluster.leaderOf("faulty", 0);
        for (int i = 0; i < MESSAGES; i++) {
            send("faulty", "steady " + i, "");
            if (i == MESSAGES / 2) {
                cluster.kill(leader);
            }
        }

        until("all are delivered", FAILOVER, () -> distinctSeen("steady ").size() == MESSAGES);
        send("faulty", "throw after the failure", "");
        assertThat(awaitSeen("throw after the failure", 3)).containsExactly("1 false", "2 true", "3 true");
        cluster.start(leader);
    }

    @Test
    @Order(11)
    void aMessageThatFailsWhileItsLeaderDiesIsDeliveredAgainUntilItSucceeds() {
        cluster.awaitInSync("faulty");
        send("faulty", "hold one", "");
        awaitSeen("hold one", 2);
        // Counts are written behind the deliveries. What was consumed later is in the log, so the counts before it are.
        fence("the failure");
        int leader = cluster.leaderOf("faulty", 0);

        cluster.kill(leader);
        HTTP.get("/app/open");

        until("the message is consumed", FAILOVER, () -> timesDone("hold one") > 0);
        cluster.start(leader);
        List<String> deliveries = allSeen("hold one", 3);
        assertThat(deliveries).startsWith("1 false", "2 true").hasSize(3);
        assertThat(deliveries.get(2)).endsWith(" true");
        assertThat(timesDone("hold one")).isEqualTo(1);
    }

    @Test
    @Order(12)
    void deliveryGoesOnWhenTheWholeClusterWasGone() {
        cluster.awaitInSync("faulty");
        cluster.awaitInSync("news");

        cluster.brokerIds().forEach(cluster::kill);
        until("the server has lost its connections", FAILOVER, () -> WildFlyServer.connectionsTo(brokerPorts())
                .isEmpty());
        cluster.startAll();

        send("faulty", "throw after the outage", "");
        HTTP.get("/app/send?topic=news&text=" + Http.encode("headline after the outage"));
        assertThat(awaitSeen("throw after the outage", 3)).containsExactly("1 false", "2 true", "3 true");
        assertThat(awaitSeen("headline after the outage", 1)).containsExactly("1 false");
    }

    @Test
    @Order(13)
    void undeployingLeavesNoThreadsAndNoConnections() {
        assertThat(ourThreads()).isNotEmpty();
        assertThat(WildFlyServer.connectionsTo(brokerPorts())).isNotEmpty();

        deployer.undeploy("app");
        deployer.undeploy("rar");

        assertThat(ourThreads()).isEmpty();
        assertThat(WildFlyServer.connectionsTo(brokerPorts())).isEmpty();
    }

    @Test
    @Order(14)
    void whatIsDeployedAgainWorksAgain() {
        for (int round = 0; round < 2; round++) {
            deployer.deploy("rar");
            deployer.deploy("app");
            String text = "throw again " + round;

            send("faulty", text, "");

            assertThat(awaitSeen(text, 3)).containsExactly("1 false", "2 true", "3 true");
            deployer.undeploy("app");
            deployer.undeploy("rar");
        }
        assertThat(ourThreads()).isEmpty();
        assertThat(WildFlyServer.connectionsTo(brokerPorts())).isEmpty();
    }

    private static void send(String queue, String text, String more) {
        HTTP.get("/app/send?queue=" + queue + "&text=" + Http.encode(text) + more);
    }

    /** Delivery count and redelivered flag of each delivery of the message. */
    private static List<String> awaitSeen(String text, int times) {
        until(
                times + " deliveries of '" + text + "'",
                DELIVERY,
                () -> seen(text).size() >= times);
        return seen(text);
    }

    /** The same, of a message that is to be delivered no more often than that. */
    private static List<String> allSeen(String text, int times) {
        awaitSeen(text, times);
        fence(text);
        return seen(text);
    }

    /**
     * Sends a message behind the others that is held back longer, in all its failures, than any of them would be after its
     * third: when it has been consumed, none of them is still to come.
     */
    private static void fence(String behind) {
        String fence = "fence behind " + behind;
        send("faulty", fence, "");
        until(fence + " is consumed", DELIVERY, () -> timesDone(fence) > 0);
    }

    private static long timesDone(String text) {
        return HTTP.get("/app/seen")
                .lines()
                .filter(line -> line.equals("done " + text))
                .count();
    }

    private static List<String> seen(String text) {
        return HTTP.get("/app/seen")
                .lines()
                .filter(line -> line.matches(text + " \\d+ (true|false)"))
                .map(line -> line.substring(text.length() + 1))
                .toList();
    }

    private static Set<String> distinctSeen(String prefix) {
        return HTTP.get("/app/seen")
                .lines()
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.split(" ")[1])
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<String> ourThreads() {
        return HTTP.get("/threads/threads")
                .lines()
                .filter(line -> line.startsWith("millrace") || line.contains("millrace.rar"))
                .toList();
    }

    private static Set<Integer> brokerPorts() {
        return cluster.brokerIds().stream().map(cluster::port).collect(Collectors.toSet());
    }
}
