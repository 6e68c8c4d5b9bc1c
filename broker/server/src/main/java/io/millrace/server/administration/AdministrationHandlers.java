package io.millrace.server.administration;

import io.millrace.metadata.MetadataStore;
import io.millrace.metadata.TopicImage;
import io.millrace.replication.Replicas;
import io.millrace.replication.controller.Controller;
import io.millrace.server.configuration.BrokerSettings;
import io.millrace.server.quota.ClientQuotas;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.ControllerRoute;
import io.millrace.server.request.RequestHandlers;
import io.millrace.storage.FlushPolicy;
import io.millrace.storage.LogDirectories;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * What the handlers of administrators' requests work with, and their places in the table.
 *
 * @param route to the controller, wherever it is
 * @param controller of this broker
 * @param flushPolicies what a topic's configuration means for when an append counts as kept
 * @param diskReaders may block
 */
public record AdministrationHandlers(
        ClusterView cluster,
        MetadataStore store,
        ControllerRoute route,
        Controller controller,
        BrokerSettings settings,
        Function<TopicImage, FlushPolicy> flushPolicies,
        Replicas replicas,
        LogDirectories directories,
        Executor diskReaders,
        ClientQuotas quotas) {

    public void addTo(RequestHandlers table) {
        var changes = new ConfigurationChanges(controller, store, settings, flushPolicies);
        new ConfigurationHandlers(cluster, route, changes, settings).addTo(table);
        new QuotaHandlers(cluster, route, controller).addTo(table);
        new TopicHandlers(cluster, route, controller, quotas).addTo(table);
        new ClusterHandlers(cluster, replicas, directories, diskReaders).addTo(table);
    }
}
