package io.millrace.client;

/** The client over TCP. */
final class NetworkClusterClient implements ClusterClient {
    private final ClientConfiguration configuration;

    NetworkClusterClient(ClientConfiguration configuration) {
        this.configuration = configuration;
    }

    @Override
    public Producer newProducer(ProducerConfiguration producerConfiguration) {
        throw new IllegalStateException("no network yet");
    }

    @Override
    public TopicConsumer newConsumer(ConsumerConfiguration consumerConfiguration) {
        throw new IllegalStateException("no network yet");
    }

    @Override
    public QueueConsumer newQueueConsumer(String queue, QueueConsumerConfiguration consumerConfiguration) {
        throw new IllegalStateException("no network yet");
    }

    @Override
    public Admin admin() {
        throw new IllegalStateException("no network yet");
    }

    @Override
    public ClientConfiguration configuration() {
        return configuration;
    }

    @Override
    public void close() {}
}
