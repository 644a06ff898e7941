using System.Globalization;

namespace RpcGen.Cli.Checks;

/// <summary>Says in time that the broker's certificate ends: nobody can connect after that.</summary>
internal static class CertificateExpiry
{
    /// <summary>From so long before the end on, it is a warning.</summary>
    private static readonly TimeSpan Notice = TimeSpan.FromDays(30);

    /// <summary>Checks a certificate.</summary>
    /// <param name="end">When it ends, in UTC.</param>
    /// <param name="now">The time, in UTC.</param>
    public static Finding Check(DateTime end, DateTime now)
    {
        TimeSpan left = end - now;
        string date = end.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        int days = (int)Math.Floor(left.TotalDays);
        return left <= TimeSpan.Zero ? new Finding(FindingKind.Failure, "certificate", $"the broker's certificate has ended on {date}", "Renew it: clients that check it cannot connect.")
            : left <= Notice ? new Finding(FindingKind.Warning, "certificate", $"the broker's certificate ends on {date}, in {days} {(days == 1 ? "day" : "days")}", "Renew it before: nobody can connect after that.")
            : new Finding(FindingKind.Ok, "certificate", $"the broker's certificate is valid until {date}");
    }
}
