package io.millrace.jms;

import io.millrace.selector.PropertyNames;
import jakarta.jms.ConnectionMetaData;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;

/** What this provider is. */
public final class MillraceConnectionMetaData implements ConnectionMetaData {
    private static final int MAJOR_VERSION = 0;
    private static final int MINOR_VERSION = 1;

    @Override
    public String getJMSVersion() {
        return getJMSMajorVersion() + "." + getJMSMinorVersion();
    }

    @Override
    public int getJMSMajorVersion() {
        return 3;
    }

    @Override
    public int getJMSMinorVersion() {
        return 1;
    }

    @Override
    public String getJMSProviderName() {
        return "Millrace";
    }

    @Override
    public String getProviderVersion() {
        return MAJOR_VERSION + "." + MINOR_VERSION;
    }

    @Override
    public int getProviderMajorVersion() {
        return MAJOR_VERSION;
    }

    @Override
    public int getProviderMinorVersion() {
        return MINOR_VERSION;
    }

    @Override
    public Enumeration<String> getJMSXPropertyNames() {
        return Collections.enumeration(
                List.of(PropertyNames.GROUP_ID, PropertyNames.GROUP_SEQ, PropertyNames.DELIVERY_COUNT));
    }
}
