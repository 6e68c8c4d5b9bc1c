package io.millrace.quickstart;

import io.millrace.testkit.ProcessCluster;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An application that the quickstart can deploy. */
enum Sample {
    ORDERS("Orders", null, "/api/orders") {
        @Override
        void createDestinations(ProcessCluster brokers) {
            brokers.createQueue("orders", PARTITIONS, REPLICAS);
        }
    },
    LOG_COLLECTION("Log collection", "log-lines", "/api/lines") {
        @Override
        void createDestinations(ProcessCluster brokers) {
            brokers.createTopic("log-lines", PARTITIONS, REPLICAS);
        }
    },
    ACTIVITY_TRACKING("Activity", "page-views", "/api/top") {
        @Override
        void createDestinations(ProcessCluster brokers) {
            brokers.createTopic("page-views", PARTITIONS, REPLICAS);
        }
    },
    METRICS("Metrics", "metrics-latest", "/api/metrics") {
        @Override
        void createDestinations(ProcessCluster brokers) {
            brokers.createTopic("metrics", PARTITIONS, REPLICAS, Map.of("retention.ms", DAY_MS));
            brokers.createTopic("metrics-latest", PARTITIONS, REPLICAS, Map.of("cleanup.policy", "compact"));
        }
    },
    STREAM_PROCESSING("Revenue", "revenue", "/api/revenue") {
        @Override
        void createDestinations(ProcessCluster brokers) {
            brokers.createTopic("sales", PARTITIONS, REPLICAS);
            brokers.createTopic(
                    "revenue",
                    PARTITIONS,
                    REPLICAS,
                    Map.of("cleanup.policy", "compact,delete", "retention.ms", DAY_MS));
        }
    };

    private static final int PARTITIONS = 3;
    private static final int REPLICAS = 3;
    private static final String DAY_MS = "86400000";

    private final String title;
    private final @Nullable String topic;
    private final String resource;

    /**
     * @param topic that keeps what other clients may read, too
     * @param resource answers 200 when the application serves
     */
    Sample(String title, @Nullable String topic, String resource) {
        this.title = title;
        this.topic = topic;
        this.resource = resource;
    }

    abstract void createDestinations(ProcessCluster brokers);

    /** As it stands in paths, and in the names of files. */
    String path() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String title() {
        return title;
    }

    Optional<String> topic() {
        return Optional.ofNullable(topic);
    }

    String resource() {
        return page() + resource.substring(1);
    }

    String page() {
        return "/" + path() + "/";
    }

    /**
     * Those of a list such as {@code orders,metrics}.
     *
     * @throws IllegalArgumentException where no sample has the name
     */
    static List<Sample> named(String names) {
        return Arrays.stream(names.split(","))
                .map(name -> of(name.trim()))
                .distinct()
                .toList();
    }

    private static Sample of(String name) {
        return Arrays.stream(values())
                .filter(sample -> sample.path().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no sample named '" + name
                        + "'; quickstart.samples may name "
                        + Arrays.stream(values()).map(Sample::path).collect(Collectors.joining(", "))));
    }
}
