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
        return null;
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
        RefAddr address = reference.get(key);
        if (address != null && address.getContent() instanceof String text) {
            return text;
        }
        throw new NamingException(
                "The reference to a " + reference.getClassName() + " has no text '" + key + "': " + reference);
    }
}
