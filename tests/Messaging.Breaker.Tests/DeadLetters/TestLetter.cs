using System.Globalization;
using Messaging.Breaker.DeadLetters;

namespace Messaging.Breaker.Tests.DeadLetters;

sealed class TestLetter : DeadLetter
{
    public override IEnumerable<KeyValuePair<string, string>> Headers => [KeyValuePair.Create("tenant", "north")];

    public static TestLetter Of(int number, string text) => new()
    {
        Fault = FaultDetails.Read(
            name => name switch
            {
                "MT-Fault-Message" => text,
                "MT-Fault-Timestamp" => DateTimeOffset.UnixEpoch.AddSeconds(number).ToString("O", CultureInfo.InvariantCulture),
                _ => null,
            },
            []),
        MessageId = number.ToString(CultureInfo.InvariantCulture),
        BodyLength = 0,
        TimesRedriven = 0,
        Run = null,
    };
}
