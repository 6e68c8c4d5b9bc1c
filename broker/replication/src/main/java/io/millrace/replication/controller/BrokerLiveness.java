package io.millrace.replication.controller;

import io.millrace.metadata.BrokerRegistration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Which brokers are there, as one controller sees it. Pure: told of registrations, heartbeats and hints, asked whom to fence.
 *
 * <p>Owned by the controller's loop. Only a guess about the world; safety rests on epochs.
 *
 * <pre>
 *             heartbeat             silent, suspected, registration gone or of another process
 * (registered) FENCED -----> UNFENCED -----------------------------------------------> FENCED
 * </pre>
 */
final class BrokerLiveness {
    private static final long NEVER = Long.MAX_VALUE;

    private static final class Broker {
        private long brokerEpoch;
        private UUID incarnationId;
        private boolean registered = true;
        private boolean fenced = true;
        private boolean leaving;
        /** The start has been unclean, and this controller has not committed what follows from that. */
        private boolean unaccounted;

        private long lastHeartbeatMs;
        private long suspectedUntilMs = NEVER;

        Broker(BrokerRegistration registration) {
            this.brokerEpoch = registration.brokerEpoch();
            this.incarnationId = registration.incarnationId();
            this.unaccounted = registration.start().isUnclean();
        }
    }

    private final ControllerConfiguration configuration;
    private long lastAskedMs = NEVER;
    /** By id; as many as ever registered while this controller was in office. */
    private final Map<Integer, Broker> brokers = new HashMap<>();

    BrokerLiveness(ControllerConfiguration configuration) {
        this.configuration = configuration;
    }

    /**
     * A new controller believes in those it finds registered; not in those whose unclean start nobody has accounted for. Each sends a heartbeat
     * as soon as it hears of the new controller; one that has sent none after an interval may have died together with the former controller,
     * and has a short while to show that it has not.
     */
    void assume(Iterable<BrokerRegistration> registrations, long nowMs) {
        long firstBeatMs = configuration.heartbeatIntervalMs() + configuration.suspicionMs();
        for (BrokerRegistration registration : registrations) {
            var broker = new Broker(registration);
            broker.fenced = broker.unaccounted;
            broker.lastHeartbeatMs = nowMs;
            broker.suspectedUntilMs = nowMs + firstBeatMs;
            brokers.put(registration.brokerId(), broker);
        }
    }

    /** Takes over who is registered. Answers the brokers that must be fenced for it. */
    List<Integer> onRegistrations(Map<Integer, BrokerRegistration> registrations) {
        var gone = new ArrayList<Integer>();
        brokers.forEach((brokerId, broker) -> {
            if (broker.registered && !registrations.containsKey(brokerId)) {
                broker.registered = false;
                gone.add(brokerId);
            }
        });
        registrations.forEach((brokerId, registration) -> {
            Broker known = brokers.get(brokerId);
            if (known == null) {
                brokers.put(brokerId, new Broker(registration));
            } else if (known.brokerEpoch < registration.brokerEpoch() || !known.registered) {
                boolean isSameProcess = known.incarnationId.equals(registration.incarnationId());
                known.brokerEpoch = registration.brokerEpoch();
                known.incarnationId = registration.incarnationId();
                known.registered = true;
                if (!isSameProcess) {
                    known.leaving = false;
                    known.unaccounted = registration.start().isUnclean();
                    gone.add(brokerId);
                }
            }
        });
        return gone;
    }

    boolean isRegistered(int brokerId) {
        Broker broker = brokers.get(brokerId);
        return broker != null && broker.registered;
    }

    /** Whether this is the epoch of the broker's present registration. */
    boolean isCurrent(int brokerId, long brokerEpoch) {
        Broker broker = brokers.get(brokerId);
        return broker != null && broker.registered && broker.brokerEpoch == brokerEpoch;
    }

    /** Whether a registration is newer than the one known here: the controller's picture lags. */
    boolean isAhead(int brokerId, long brokerEpoch) {
        Broker broker = brokers.get(brokerId);
        return broker == null || broker.brokerEpoch < brokerEpoch;
    }

    void onHeartbeat(int brokerId, long nowMs) {
        Broker broker = brokers.get(brokerId);
        if (broker != null) {
            broker.lastHeartbeatMs = nowMs;
            broker.suspectedUntilMs = NEVER;
        }
    }

    void onLeaving(int brokerId) {
        Broker broker = brokers.get(brokerId);
        if (broker != null) {
            broker.leaving = true;
        }
    }

    /** A hint that the broker may be dead: it has a short while to show that it is not. */
    void suspect(int brokerId, long nowMs) {
        Broker broker = brokers.get(brokerId);
        if (broker != null && !broker.fenced) {
            broker.suspectedUntilMs = Math.min(broker.suspectedUntilMs, nowMs + configuration.suspicionMs());
        }
    }

    boolean isFenced(int brokerId) {
        Broker broker = brokers.get(brokerId);
        return broker == null || broker.fenced;
    }

    /** Those that are registered and fenced. */
    Set<Integer> fenced() {
        return brokers.entrySet().stream()
                .filter(broker -> broker.getValue().registered && broker.getValue().fenced)
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    void fence(int brokerId) {
        Broker broker = brokers.get(brokerId);
        if (broker != null) {
            broker.fenced = true;
            broker.suspectedUntilMs = NEVER;
        }
    }

    void unfence(int brokerId) {
        Broker broker = brokers.get(brokerId);
        if (broker != null) {
            broker.fenced = false;
        }
    }

    /** Whether the broker must not be unfenced before its unclean start has been accounted for. */
    boolean isUnaccounted(int brokerId) {
        Broker broker = brokers.get(brokerId);
        return broker != null && broker.unaccounted;
    }

    /** It is committed what follows from the unclean start of the process that has registered so. */
    void onAccounted(int brokerId, long brokerEpoch) {
        Broker broker = brokers.get(brokerId);
        if (broker != null && broker.registered && broker.brokerEpoch == brokerEpoch) {
            broker.unaccounted = false;
        }
    }

    boolean isLeaving(int brokerId) {
        Broker broker = brokers.get(brokerId);
        return broker != null && broker.leaving;
    }

    /** Whether the broker may lead and be in sync. */
    boolean isUsable(int brokerId) {
        Broker broker = brokers.get(brokerId);
        return broker != null && broker.registered && !broker.fenced && !broker.leaving;
    }

    /**
     * The brokers whose silence has lasted too long. To be asked often: time in which nobody asked is time in which this controller did
     * nothing, and so heard nobody, and counts for no silence.
     */
    List<Integer> silent(long nowMs) {
        forgive(nowMs);
        var silent = new ArrayList<Integer>();
        brokers.forEach((brokerId, broker) -> {
            boolean isSilent = nowMs - broker.lastHeartbeatMs > configuration.heartbeatTimeoutMs();
            if (!broker.fenced && (isSilent || nowMs >= broker.suspectedUntilMs)) {
                silent.add(brokerId);
            }
        });
        return silent;
    }

    private void forgive(long nowMs) {
        long unattendedMs = lastAskedMs == NEVER ? 0 : nowMs - lastAskedMs;
        lastAskedMs = nowMs;
        if (unattendedMs > configuration.suspicionMs()) {
            brokers.values().forEach(broker -> {
                broker.lastHeartbeatMs = Math.min(nowMs, broker.lastHeartbeatMs + unattendedMs);
                if (broker.suspectedUntilMs != NEVER) {
                    broker.suspectedUntilMs += unattendedMs;
                }
            });
        }
    }
}
