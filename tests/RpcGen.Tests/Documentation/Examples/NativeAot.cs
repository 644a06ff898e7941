using System.Text.Json.Serialization;

namespace RpcGen.Tests.Documentation.Examples;

internal sealed record Parcel(string Address, double Kilograms);

#region context
[JsonSerializable(typeof(Parcel))]
[JsonSerializable(typeof(Parcel[]))]
internal sealed partial class ParcelJson : JsonSerializerContext;
#endregion

/// <summary>The code of docs/native-aot.md.</summary>
internal static class NativeAot
{
    public static async Task ConnectAsync(string broker)
    {
        #region register
        RpcConnectionOptions options = new() { JsonContexts = { ParcelJson.Default } };
        await using RpcConnection connection = await RpcConnection.ConnectAsync(broker, options);
        #endregion
    }
}
