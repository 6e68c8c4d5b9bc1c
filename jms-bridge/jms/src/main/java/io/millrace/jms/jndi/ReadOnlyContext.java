package io.millrace.jms.jndi;

import io.millrace.jms.MillraceDestination;
import io.millrace.jms.MillraceQueue;
import io.millrace.jms.MillraceTopic;
import jakarta.jms.InvalidDestinationException;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import javax.naming.Binding;
import javax.naming.CompositeName;
import javax.naming.Context;
import javax.naming.InvalidNameException;
import javax.naming.Name;
import javax.naming.NameClassPair;
import javax.naming.NameNotFoundException;
import javax.naming.NameParser;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.NotContextException;
import javax.naming.OperationNotSupportedException;
import org.jspecify.annotations.Nullable;

/**
 * Names and their objects, fixed when it was made. A name's parts are split by slashes; what has names below it is a
 * context too.
 *
 * <p>The bindings are immutable and shared with the contexts below; the environment is this context's own, as JNDI
 * demands, and belongs to its user's thread.
 */
@SuppressWarnings("BanJNDI") // its look-ups are its own, which deserialize nothing
final class ReadOnlyContext implements Context {
    private static final String DYNAMIC_QUEUES = "dynamicQueues/";
    private static final String DYNAMIC_TOPICS = "dynamicTopics/";
    private static final NameParser PARSER = CompositeName::new;

    private final Map<String, Object> bindings;
    /** Of this context's names among all bindings; empty, or ends with a slash. */
    private final String prefix;

    private final Map<Object, Object> environment = new HashMap<>();

    ReadOnlyContext(Map<String, Object> bindings, String prefix, @Nullable Map<?, ?> environment) {
        this.bindings = bindings;
        this.prefix = prefix;
        if (environment != null) {
            this.environment.putAll(environment);
        }
    }

    @Override
    public Object lookup(Name name) throws NamingException {
        return lookup(name.toString());
    }

    @Override
    public Object lookup(String name) throws NamingException {
        if (name.isEmpty()) {
            return new ReadOnlyContext(bindings, prefix, environment);
        }
        String path = prefix + name;
        Object bound = bindings.get(path);
        if (bound != null) {
            return bound;
        }
        if (bindings.keySet().stream().anyMatch(other -> other.startsWith(path + "/"))) {
            return new ReadOnlyContext(bindings, path + "/", environment);
        }
        if (path.startsWith(DYNAMIC_QUEUES)) {
            return new MillraceQueue(requireName(path.substring(DYNAMIC_QUEUES.length())));
        }
        if (path.startsWith(DYNAMIC_TOPICS)) {
            return new MillraceTopic(requireName(path.substring(DYNAMIC_TOPICS.length())));
        }
        throw new NameNotFoundException("'" + path + "' is not bound; bound are " + bindings.keySet()
                + ", and every destination as dynamicQueues/name or dynamicTopics/name");
    }

    private static String requireName(String name) throws InvalidNameException {
        try {
            return MillraceDestination.requireName(name);
        } catch (InvalidDestinationException e) {
            InvalidNameException invalid = new InvalidNameException(e.getMessage());
            invalid.setRootCause(e);
            throw invalid;
        }
    }

    @Override
    public Object lookupLink(Name name) throws NamingException {
        return lookup(name);
    }

    @Override
    public Object lookupLink(String name) throws NamingException {
        return lookup(name);
    }

    @Override
    public NamingEnumeration<NameClassPair> list(Name name) throws NamingException {
        return list(name.toString());
    }

    @Override
    public NamingEnumeration<NameClassPair> list(String name) throws NamingException {
        Iterator<Binding> children = requireContext(name).children().values().iterator();
        return new Listing<>(children, child -> new NameClassPair(child.getName(), child.getClassName()));
    }

    @Override
    public NamingEnumeration<Binding> listBindings(Name name) throws NamingException {
        return listBindings(name.toString());
    }

    @Override
    public NamingEnumeration<Binding> listBindings(String name) throws NamingException {
        return new Listing<>(requireContext(name).children().values().iterator(), child -> child);
    }

    private ReadOnlyContext requireContext(String name) throws NamingException {
        if (lookup(name) instanceof ReadOnlyContext context) {
            return context;
        }
        throw new NotContextException("'" + prefix + name + "' is no context; there is nothing below it");
    }

    /** An object hides the context of the same name, as a look-up finds the object. */
    private Map<String, Binding> children() {
        Map<String, Binding> children = new TreeMap<>();
        bindings.forEach((path, object) -> {
            if (path.startsWith(prefix)) {
                String rest = path.substring(prefix.length());
                int slash = rest.indexOf('/');
                String child = slash < 0 ? rest : rest.substring(0, slash);
                Object bound = bindings.get(prefix + child);
                children.put(
                        child,
                        new Binding(
                                child,
                                bound != null
                                        ? bound
                                        : new ReadOnlyContext(bindings, prefix + child + "/", environment)));
            }
        });
        return children;
    }

    @Override
    public NameParser getNameParser(Name name) {
        return PARSER;
    }

    @Override
    public NameParser getNameParser(String name) {
        return PARSER;
    }

    @Override
    public Name composeName(Name name, Name ofContext) throws NamingException {
        return ((Name) ofContext.clone()).addAll(name);
    }

    @Override
    public String composeName(String name, String ofContext) throws NamingException {
        return composeName(new CompositeName(name), new CompositeName(ofContext))
                .toString();
    }

    @Override
    public @Nullable Object addToEnvironment(String name, Object value) {
        return environment.put(name, value);
    }

    @Override
    public @Nullable Object removeFromEnvironment(String name) {
        return environment.remove(name);
    }

    @Override
    @SuppressWarnings("JdkObsolete") // the interface wants it
    public Hashtable<?, ?> getEnvironment() {
        return new Hashtable<>(environment);
    }

    @Override
    public String getNameInNamespace() {
        return prefix.isEmpty() ? "" : prefix.substring(0, prefix.length() - 1);
    }

    /** There is nothing to close. */
    @Override
    public void close() {}

    @Override
    public void bind(Name name, Object object) throws NamingException {
        throw readOnly();
    }

    @Override
    public void bind(String name, Object object) throws NamingException {
        throw readOnly();
    }

    @Override
    public void rebind(Name name, Object object) throws NamingException {
        throw readOnly();
    }

    @Override
    public void rebind(String name, Object object) throws NamingException {
        throw readOnly();
    }

    @Override
    public void unbind(Name name) throws NamingException {
        throw readOnly();
    }

    @Override
    public void unbind(String name) throws NamingException {
        throw readOnly();
    }

    @Override
    public void rename(Name oldName, Name newName) throws NamingException {
        throw readOnly();
    }

    @Override
    public void rename(String oldName, String newName) throws NamingException {
        throw readOnly();
    }

    @Override
    public Context createSubcontext(Name name) throws NamingException {
        throw readOnly();
    }

    @Override
    public Context createSubcontext(String name) throws NamingException {
        throw readOnly();
    }

    @Override
    public void destroySubcontext(Name name) throws NamingException {
        throw readOnly();
    }

    @Override
    public void destroySubcontext(String name) throws NamingException {
        throw readOnly();
    }

    private static OperationNotSupportedException readOnly() {
        return new OperationNotSupportedException(
                "This context is read-only; say what is bound in jndi.properties or the environment of InitialContext");
    }
}
