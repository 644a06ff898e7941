using System.Text;

namespace RpcGen.Transport.RabbitMq;

/// <summary>What a broker's version says about it.</summary>
internal static class BrokerVersion
{
    /// <summary>The first version of which it is known that it marks each redelivery. 3.10.8 does not; versions between were not tried.</summary>
    private static readonly Version FirstMarking = new(4, 0);

    /// <summary>Whether the broker marks each message that it delivers again. A broker whose version is unknown might not.</summary>
    /// <param name="properties">What the broker says of itself when a connection is opened.</param>
    public static bool MarksEachRedelivery(IDictionary<string, object?>? properties)
    {
        if (properties is null || !properties.TryGetValue("version", out object? value) || value is not byte[] text)
        {
            return false;
        }

        // A version that is not released has a suffix: 4.2.0-rc.1.
        string number = Encoding.UTF8.GetString(text).Split('-', '+')[0];
        return Version.TryParse(number, out Version? version) && version >= FirstMarking;
    }
}
