package io.millrace.client;

/** Where a broker listens. */
record BrokerNode(int id, String host, int port) {
    @Override
    public String toString() {
        return "broker " + id + " (" + host + ":" + port + ")";
    }
}
