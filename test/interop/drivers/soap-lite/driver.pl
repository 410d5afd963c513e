#!/usr/bin/perl
# SOAP::Lite, which makes requests without a service description. Reads jobs from standard input, see ../README.md.
use strict;
use warnings;
use utf8;
use Encode qw(decode_utf8);
use SOAP::Lite;

my $NAMESPACE = 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4';
my %clients;
my @credentials;

# LWP asks for the credentials once the receiver has challenged it
sub SOAP::Transport::HTTP::Client::get_basic_credentials { return @credentials }

sub field { return decode_utf8($ENV{$_[0]}) }
sub element { my ($name, $value, $attributes) = @_; return SOAP::Data->name($name)->type('')->value($value)->attr($attributes // {}) }
sub parent { my ($name, @children) = @_; return element($name, \SOAP::Data->value(@children)) }

sub addresses {
	return (
		parent('Recipient', element('Number', field('Recipient'), { displayOnly => 'true', addressCoding => 'encrypted' })),
		parent('Sender', element('ShortCode', field('Sender'), { displayOnly => 'false' })),
	);
}

sub report {
	return (
		(map { element($_, field($_)) } qw(MM7Version MMSRelayServerID)),
		parent('Extension',
			parent('MessageExtraData', parent('element', element('key', 'LinkedID'), element('value', field('LinkedID'))))),
		element('MessageID', field('MessageID')),
		addresses(),
		(map { element($_, field($_)) }
			qw(Date MMStatus MMStatusExtension StatusText ApplicID ReplyApplicID AuxApplicInfo)),
		element('UACapabilities', '', { UAProf => field('UAProf'), TimeStamp => field('UATimeStamp') }),
	);
}

sub read_reply {
	return (
		(map { element($_, field($_)) } qw(MM7Version MMSRelayServerID MessageID)),
		addresses(),
		element('TimeStamp', field('Date')),
		element('MMStatus', 'Read'),
		(map { element($_, field($_)) } qw(StatusText ApplicID ReplyApplicID AuxApplicInfo)),
	);
}

# One client for each way to send, and its connection with it.
sub client {
	my ($url, $way) = @_;
	# it remembers the credentials that a receiver accepted
	return $clients{join "\t", $url, $way, @credentials} //= do {
		my $client = SOAP::Lite->proxy($url, keep_alive => 1, timeout => 20)->ns($NAMESPACE)->on_action(sub { '""' });
		$client->soapversion($way eq 'soap12' ? '1.2' : '1.1');
		$client->transport->proxy->options({ compress_threshold => 1 }) if $way eq 'gzip';
		$client;
	};
}

sub send_report {
	my ($url, $user, $password, $way) = @_;
	@credentials = length $user ? ($user, $password) : ();
	my $client = client($url, $way);
	my $operation = $way eq 'readReply' ? 'ReadReply' : 'DeliveryReport';
	my $header = SOAP::Header->name('TransactionID')->uri($NAMESPACE)->prefix('mm7')->type('')->value(field('TransactionID'));
	$header->mustUnderstand(1) if $way eq 'mustUnderstand';
	my @fields = $way eq 'readReply' ? read_reply() : report();
	my $response = eval { $client->call(SOAP::Data->name("${operation}Req")->attr({ xmlns => $NAMESPACE }), @fields, $header) };
	my $http = $client->transport->proxy->code;
	return { exception => 'die', message => $@, httpStatus => $http } unless ref $response;
	return {
		exception => 'SOAP::Fault',
		message => $response->faultstring,
		vaspError => scalar $response->valueof('//VASPErrorRsp/Status/StatusCode'),
		httpStatus => $http,
	} if $response->fault;
	my $status = $response->valueof("//${operation}Rsp/Status");
	return {
		statusCode => $status->{StatusCode},
		statusText => $status->{StatusText},
		details => $status->{Details},
		mm7Version => scalar $response->valueof("//${operation}Rsp/MM7Version"),
		transactionId => $response->headerof('//TransactionID')->value,
		httpStatus => $http,
	};
}

binmode STDOUT, ':encoding(UTF-8)';
$| = 1;
while (my $job = <STDIN>) {
	chomp $job;
	my ($url, $user, $password, $way) = split /\t/, decode_utf8($job), -1;
	my $conclusion = send_report($url, $user, $password, $way);
	print join("\t", map { "$_=" . $conclusion->{$_} =~ s/\s/ /gr } grep { defined $conclusion->{$_} } keys %$conclusion), "\n";
}
