namespace RpcGen;

/// <summary>
/// A setting that code, the connection string or a configuration section can give. Code overrides the connection string, which
/// overrides the section.
/// </summary>
/// <typeparam name="T">The type of the value.</typeparam>
internal readonly struct Setting<T>
{
    private Setting(T value, bool isFromCode)
    {
        Value = value;
        IsFromCode = isFromCode;
    }

    /// <summary>The value that code or the section gave; otherwise the default.</summary>
    public T Value { get; }

    /// <summary>Whether the value overrides the one of the connection string.</summary>
    public bool IsFromCode { get; }

    /// <summary>The value is given by code. Null removes what the section gave.</summary>
    public static Setting<T> Code(T value) => new(value, value is not null);

    /// <summary>The value is given by a configuration section, or is the default.</summary>
    public static Setting<T> Section(T value) => new(value, isFromCode: false);
}

/// <summary>Puts connection strings between code and sections.</summary>
internal static class SettingExtensions
{
    /// <summary>The effective value, with the connection string's; null if it gives none.</summary>
    public static T Or<T>(this Setting<T> setting, T? fromAddress)
        where T : struct => setting.IsFromCode ? setting.Value : fromAddress ?? setting.Value;

    /// <inheritdoc cref="Or{T}"/>
    /// <param name="setting">The setting.</param>
    /// <param name="fromAddress">What the connection string gives.</param>
    /// <param name="least">
    /// The weakest source that can give the value. Settings that belong together, such as a certificate and its key, are not
    /// taken from sources that the strongest of them overrides.
    /// </param>
    public static string? Or(this Setting<string?> setting, string? fromAddress, SettingSource least = SettingSource.Section) =>
        setting.SourceWith(fromAddress) < least ? null
        : setting.IsFromCode ? setting.Value
        : fromAddress ?? setting.Value;

    /// <summary>Where the effective value comes from, with the connection string's.</summary>
    public static SettingSource SourceWith(this Setting<string?> setting, string? fromAddress) =>
        setting.IsFromCode ? SettingSource.Code
        : fromAddress is not null ? SettingSource.Address
        : SettingSource.Section;
}

/// <summary>Where a setting comes from, the weakest first.</summary>
internal enum SettingSource
{
    /// <summary>A configuration section, or the default.</summary>
    Section,

    /// <summary>The connection string.</summary>
    Address,

    /// <summary>Code.</summary>
    Code,
}
