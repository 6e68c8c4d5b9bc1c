package io.millrace.samples.activitytracking;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import jakarta.inject.Inject;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.TextMessage;
import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import jakarta.json.bind.JsonbException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Counts each view of the topic, whoever recorded it: this application's servlet, or a Kafka client. */
@MessageDriven(
        name = "PageViewCounter",
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destination", propertyValue = "page-views"),
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Topic")
        })
public class PageViewCounter implements MessageListener {
    private static final System.Logger LOGGER = System.getLogger(PageViewCounter.class.getName());
    private static final Jsonb JSON = JsonbBuilder.create();

    @Inject
    TopPages topPages;

    @Override
    public void onMessage(Message message) {
        try {
            PageView view = JSON.fromJson(json(message), PageView.class);
            Optional<String> objection = view.objection();
            if (objection.isPresent()) {
                warn(objection.get());
            } else {
                topPages.add(view, message.getJMSTimestamp(), System.currentTimeMillis());
            }
        } catch (JMSException e) {
            throw new IllegalStateException("cannot read the message", e);
        } catch (JsonbException e) {
            warn(e.getMessage()); // it would be no better if it came again
        }
    }

    private static void warn(String objection) {
        LOGGER.log(System.Logger.Level.WARNING, () -> "Not counted: " + objection);
    }

    /** A view that a Kafka client recorded comes as bytes. */
    private static String json(Message message) throws JMSException {
        return message instanceof TextMessage text
                ? text.getText()
                : new String(message.getBody(byte[].class), StandardCharsets.UTF_8);
    }
}
