package io.millrace.jms;

import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.Name;
import javax.naming.NamingException;
import javax.naming.RefAddr;
import javax.naming.Reference;
import javax.naming.StringRefAddr;
import javax.naming.spi.ObjectFactory;
import org.jspecify.annotations.Nullable;

/** Makes connection factories and destinations from what a naming service stored of them. */
public final class AdministeredObjectFactory implements ObjectFactory {
    private static final String NAME = "name";
    private static final String URI = "uri";
    private static final String USER_NAME = "userName";
    private static final String PASSWORD = "password";

    /** For naming services, which make it by its name. */
    public AdministeredObjectFactory() {}

    /** @return null where the reference is to an object of somebody else, as the contract of JNDI demands */
    @Override
    public @Nullable Object getObjectInstance(
            @Nullable Object object,
            @Nullable Name name,
            @Nullable Context context,
            @Nullable Hashtable<?, ?> environment)
            throws NamingException {
        if (!(object instanceof Reference reference)) {
            return null;
        }
        if (MillraceQueue.class.getName().equals(reference.getClassName())) {
            return new MillraceQueue(address(reference, NAME));
        }
        if (MillraceTopic.class.getName().equals(reference.getClassName())) {
            return new MillraceTopic(address(reference, NAME));
        }
        if (MillraceConnectionFactory.class.getName().equals(reference.getClassName())) {
            return connectionFactory(reference);
        }
        return null;
    }

    private static MillraceConnectionFactory connectionFactory(Reference reference) throws NamingException {
        MillraceConnectionFactory factory = new MillraceConnectionFactory(address(reference, URI));
        factory.setUserName(optionalAddress(reference, USER_NAME));
        factory.setPassword(optionalAddress(reference, PASSWORD));
        return factory;
    }

    static Reference reference(MillraceConnectionFactory factory) {
        Reference reference = reference(factory.getClass(), URI, factory.getUri());
        if (factory.getUserName() != null) {
            reference.add(new StringRefAddr(USER_NAME, factory.getUserName()));
        }
        if (factory.getPassword() != null) {
            reference.add(new StringRefAddr(PASSWORD, factory.getPassword()));
        }
        return reference;
    }

    static Reference reference(MillraceDestination destination) {
        return reference(destination.getClass(), NAME, destination.getName());
    }

    private static Reference reference(Class<?> type, String key, String value) {
        Reference reference = new Reference(type.getName(), AdministeredObjectFactory.class.getName(), null);
        reference.add(new StringRefAddr(key, value));
        return reference;
    }

    private static String address(Reference reference, String key) throws NamingException {
        String text = optionalAddress(reference, key);
        if (text == null) {
            throw new NamingException(
                    "The reference to a " + reference.getClassName() + " has no text '" + key + "': " + reference);
        }
        return text;
    }

    private static @Nullable String optionalAddress(Reference reference, String key) {
        RefAddr address = reference.get(key);
        return address != null && address.getContent() instanceof String text ? text : null;
    }
}
