package io.millrace.jms.jndi;

import java.util.Iterator;
import java.util.function.Function;
import javax.naming.Binding;
import javax.naming.NamingEnumeration;

/** Bindings one after the other, as JNDI wants them. */
final class Listing<T> implements NamingEnumeration<T> {
    private final Iterator<Binding> bindings;
    private final Function<Binding, T> shown;

    Listing(Iterator<Binding> bindings, Function<Binding, T> shown) {
        this.bindings = bindings;
        this.shown = shown;
    }

    @Override
    public boolean hasMore() {
        return bindings.hasNext();
    }

    @Override
    public T next() {
        return shown.apply(bindings.next());
    }

    @Override
    public boolean hasMoreElements() {
        return hasMore();
    }

    @Override
    public T nextElement() {
        return next();
    }

    /** There is nothing to close. */
    @Override
    public void close() {}
}
