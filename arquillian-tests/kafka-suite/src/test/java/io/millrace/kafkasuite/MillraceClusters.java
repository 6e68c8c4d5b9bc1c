package io.millrace.kafkasuite;

import java.lang.reflect.Field;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.test.ClusterInstance;
import org.apache.kafka.common.test.api.ClusterConfig;
import org.apache.kafka.common.test.junit.ClusterTestExtensions;
import org.apache.kafka.common.test.junit.RaftClusterInvocationContext;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;
import org.opentest4j.TestAbortedException;

/**
 * Gives each test method that asks for a cluster one of Millrace, made for it and thrown away behind it.
 *
 * <p>Kafka's own extension reads the annotations, so that they mean here what they mean there, but starts nothing. A
 * test that Kafka runs twice, with its controllers in processes of their own and without, runs once.
 */
public final class MillraceClusters implements TestTemplateInvocationContextProvider {
    private final ClusterTestExtensions annotations = new ClusterTestExtensions();

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return annotations.supportsTestTemplate(context);
    }

    @Override
    public boolean mayReturnZeroTestTemplateInvocationContexts(ExtensionContext context) {
        return true; // a parameterized test, which asks for no cluster
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        Set<ClusterConfig> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        return annotations
                .provideTestTemplateInvocationContexts(context)
                .map(MillraceClusters::configuration)
                .filter(seen::add)
                .map(Invocation::new);
    }

    private static ClusterConfig configuration(TestTemplateInvocationContext context) {
        try {
            Field field = RaftClusterInvocationContext.class.getDeclaredField("clusterConfig");
            field.setAccessible(true);
            return (ClusterConfig) field.get(context);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this release of Kafka keeps a test's configuration elsewhere", e);
        }
    }

    private record Invocation(ClusterConfig configuration) implements TestTemplateInvocationContext {
        @Override
        public String getDisplayName(int invocationIndex) {
            return "[" + invocationIndex + "] " + configuration.numBrokers() + " brokers"
                    + (configuration.tags().isEmpty() ? "" : ", " + configuration.tags());
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            var cluster = new MillraceCluster(configuration);
            BeforeEachCallback start = context -> {
                if (configuration.isAutoStart()) {
                    cluster.start();
                }
            };
            AfterTestExecutionCallback stop = context -> cluster.stop();
            return List.of(start, stop, new Judge(cluster), new ClusterParameter(cluster));
        }
    }

    /** A test that fails and has asked for what only Kafka's broker has is not about what clients see. */
    private record Judge(MillraceCluster cluster)
            implements TestExecutionExceptionHandler, LifecycleMethodExecutionExceptionHandler {
        @Override
        public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
            throw judged(failure);
        }

        @Override
        public void handleBeforeEachMethodExecutionException(ExtensionContext context, Throwable failure)
                throws Throwable {
            throw judged(failure);
        }

        private Throwable judged(Throwable failure) {
            return cluster.touchedInternals()
                    .<Throwable>map(what -> new TestAbortedException("Kafka's own broker: " + what, failure))
                    .orElse(failure);
        }
    }

    /** A cluster is for constructors and for tests, not for what runs before and behind them: it is not started yet. */
    private record ClusterParameter(ClusterInstance cluster) implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            if (!parameter.getParameter().getType().equals(ClusterInstance.class)) {
                return false;
            }
            return context.getTestMethod().isEmpty()
                    || AnnotationSupport.isAnnotated(parameter.getDeclaringExecutable(), TestTemplate.class);
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return cluster;
        }
    }
}
