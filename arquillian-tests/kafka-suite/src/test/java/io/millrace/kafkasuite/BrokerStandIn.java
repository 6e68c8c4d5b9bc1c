package io.millrace.kafkasuite;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import kafka.server.KafkaBroker;
import kafka.server.KafkaConfig;
import org.jspecify.annotations.Nullable;

/**
 * What a test gets that asks for Kafka's own broker: its life and its port are Millrace's, all else is not there, and
 * asking for it is noted, because the test is then not about what clients see.
 */
record BrokerStandIn(int id, MillraceCluster cluster) implements InvocationHandler {
    KafkaBroker asBroker() {
        return (KafkaBroker)
                Proxy.newProxyInstance(KafkaBroker.class.getClassLoader(), new Class<?>[] {KafkaBroker.class}, this);
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) {
        return switch (method.getName()) {
            case "equals" -> arguments != null && proxy == arguments[0];
            case "hashCode" -> id;
            case "toString" -> "broker " + id;
            case "shutdown" -> {
                cluster.shutdownBroker(id);
                yield null;
            }
            case "awaitShutdown" -> null; // shutdown has waited
            case "startup" -> {
                cluster.startBroker(id);
                yield null;
            }
            case "isShutdown" -> !cluster.isRunning(id);
            case "clusterId" -> cluster.clusterId();
            case "boundPort" -> cluster.port(id);
            case "config" -> configuration();
            default -> throw cluster.internalsOf(method.getDeclaringClass().getSimpleName() + "." + method.getName());
        };
    }

    /** Of this, tests read the broker's id and the folders that its logs are in. */
    private KafkaConfig configuration() {
        return new KafkaConfig(
                Map.of(
                        "process.roles", "broker",
                        "node.id", Integer.toString(id),
                        "controller.listener.names", "CONTROLLER",
                        "controller.quorum.voters", "1000@localhost:1",
                        "log.dirs", cluster.logDirectories(id)),
                false);
    }
}
