package io.millrace.samples.metrics;

import io.millrace.cdi.Destination;
import io.millrace.cdi.Producer;
import io.millrace.cdi.SendOptions;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.inject.Inject;
import jakarta.jms.JMSRuntimeException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Reads the server's metrics every two seconds and sends each reading to two topics: {@code metrics} keeps all of them for
 * as long as its retention says, {@code metrics-latest} is compacted and keeps the last one of each key.
 *
 * <p>A round that cannot be sent is left out: the next one says more.
 */
@Singleton
@Startup
public class MetricsSource {
    private static final System.Logger LOGGER = System.getLogger(MetricsSource.class.getName());
    private static final long PERIOD_SECONDS = 2;

    @Inject
    @Destination(value = "metrics", kind = Destination.Kind.TOPIC)
    Producer<Reading> all;

    @Inject
    @Destination(value = "metrics-latest", kind = Destination.Kind.TOPIC)
    Producer<Reading> latest;

    @Resource
    ManagedScheduledExecutorService executor;

    private String host;
    private ScheduledFuture<?> reading;
    private boolean isFailing;

    @PostConstruct
    void open() {
        host = hostName();
        reading = executor.scheduleWithFixedDelay(this::read, 0, PERIOD_SECONDS, TimeUnit.SECONDS);
    }

    @PreDestroy
    void close() {
        reading.cancel(false);
    }

    private void read() {
        try {
            ServerMetrics.read().forEach((metric, value) -> send(new Reading(host, metric, value)));
            isFailing = false;
        } catch (JMSRuntimeException e) {
            if (!isFailing) {
                isFailing = true;
                LOGGER.log(System.Logger.Level.WARNING, () -> "Cannot send metrics, trying on: " + e);
            }
        }
    }

    private void send(Reading reading) {
        SendOptions keyed = SendOptions.none().key(reading.key());
        all.send(reading, keyed);
        latest.send(reading, keyed);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException ignored) { // a machine without a name
            return "localhost";
        }
    }
}
