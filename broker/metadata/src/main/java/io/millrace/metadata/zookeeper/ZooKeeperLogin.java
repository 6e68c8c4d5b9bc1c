package io.millrace.metadata.zookeeper;

/** A user of ZooKeeper by SASL DIGEST-MD5. All brokers of a cluster are the same user. Never prints the password. */
public record ZooKeeperLogin(String user, String password) {
    @Override
    public String toString() {
        return "ZooKeeperLogin[user=" + user + ", password=hidden]";
    }
}
