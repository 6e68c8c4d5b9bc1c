package io.millrace.samples.orders;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.Resource;
import jakarta.ejb.Lock;
import jakarta.ejb.LockType;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** The orders in the server's default datasource. */
@Singleton
@Startup
@Lock(LockType.READ)
public class OrderTable {
    private static final int ROWS_MAX = 10_000;

    @Resource(lookup = "java:comp/DefaultDataSource")
    private DataSource dataSource;

    @PostConstruct
    void create() {
        try (var connection = dataSource.getConnection();
                var statement = connection.createStatement()) {
            statement.execute(
                    "create table if not exists stored_order"
                            + " (id varchar(64) primary key, item varchar(255), quantity int, deliveries int, stored timestamp)");
        } catch (SQLException e) {
            throw new IllegalStateException("cannot create the table of orders", e);
        }
    }

    /** Stores the order. A message delivered again finds its row there and changes nothing. */
    public void store(Order order, int deliveries) {
        try (var connection = dataSource.getConnection();
                var insert = connection.prepareStatement(
                        "insert into stored_order (id, item, quantity, deliveries, stored)"
                                + " select ?, ?, ?, ?, current_timestamp where not exists (select 1 from stored_order where id = ?)")) {
            insert.setString(1, order.getId());
            insert.setString(2, order.getItem());
            insert.setInt(3, order.getQuantity());
            insert.setInt(4, deliveries);
            insert.setString(5, order.getId());
            insert.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("cannot store order " + order.getId(), e);
        }
    }

    public List<StoredOrder> all() {
        try (var connection = dataSource.getConnection();
                var select = connection.prepareStatement(
                        "select id, item, quantity, deliveries from stored_order order by stored, id")) {
            select.setMaxRows(ROWS_MAX);
            var orders = new ArrayList<StoredOrder>();
            try (var rows = select.executeQuery()) {
                while (rows.next()) {
                    var order = new StoredOrder();
                    order.setId(rows.getString(1));
                    order.setItem(rows.getString(2));
                    order.setQuantity(rows.getInt(3));
                    order.setDeliveries(rows.getInt(4));
                    orders.add(order);
                }
            }
            return orders;
        } catch (SQLException e) {
            throw new IllegalStateException("cannot read the table of orders", e);
        }
    }
}
