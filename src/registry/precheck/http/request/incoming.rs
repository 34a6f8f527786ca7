//! Reads a pre-check of an incoming transfer, in which the sides are swapped. The originator names the counterparty; the beneficiary is
//! the caller's own side.

use super::{BeneficiaryRequest, OriginatorRequest, Pointer, fault};
use crate::node::ServiceError;
use crate::precheck::{OwnPlace, OwnSide, Sender};
use vasp_record::vasp_name::VaspName;

impl OriginatorRequest {
    /// Reads who sends. The request names one of VASP, certificate, common name, address, Travel Address and jurisdiction.
    pub(super) fn sender(self, pointer: Pointer<'_>) -> Result<Sender, ServiceError> {
        let Self { vasp, jurisdiction, certificate_sha256, common_name, customer_country, .. } = self;
        let (address, network, memo, travel_address, declared) =
            (self.address, self.network, self.memo, self.travel_address, self.declared);
        let place = BeneficiaryRequest { address, network, memo, travel_address, declared, vasp, jurisdiction, customer_country };
        let (by_name, by_digest) = (common_name.map(Sender::CommonName), certificate_sha256.map(Sender::CertificateSha256));
        let (member, shown, other) = match (by_name, by_digest) {
            (None, None) => return place.destination("originator", pointer).map(Sender::At),
            (None, Some(shown)) => ("certificate_sha256", shown, false),
            (Some(shown), other) => ("common_name", shown, other.is_some()),
        };
        if other || place.names_somebody() {
            let detail = "name the counterparty in one way only: vasp, certificate_sha256, common_name, address, travel_address \
                          or jurisdiction";
            return Err(fault(pointer, &format!("originator/{member}"), "invalid_value", detail));
        }
        Ok(shown)
    }
}

impl BeneficiaryRequest {
    fn names_somebody(&self) -> bool {
        let texts = [&self.address, &self.network, &self.memo, &self.travel_address, &self.vasp, &self.jurisdiction];
        texts.iter().any(|text| text.is_some()) || self.declared.is_some()
    }

    /// Reads the caller's own side, and the address or Travel Address that the transfer came to.
    pub(super) fn own_place(&self, pointer: Pointer<'_>) -> Result<(OwnSide, Option<OwnPlace>), ServiceError> {
        let refuse = |member: &str, detail: &str| Err(fault(pointer, &format!("beneficiary/{member}"), "invalid_value", detail));
        if self.declared.is_some() {
            return refuse("declared", "in an incoming transfer, the beneficiary is your own side, so `declared` is not allowed");
        }
        if self.customer_country.is_some() {
            return refuse("customer_country", "this describes the counterparty of an outgoing transfer; leave it out");
        }
        if self.address.is_some() && self.travel_address.is_some() {
            return refuse("travel_address", "name the destination of the transfer in one way only: address or travel_address");
        }
        if self.address.is_none() {
            let strays = [("network", self.network.is_some()), ("memo", self.memo.is_some())];
            if let Some((stray, _)) = strays.iter().find(|(_, given)| *given) {
                return refuse(stray, "this is allowed only together with an address");
            }
        }
        let place = match (&self.address, &self.travel_address) {
            (Some(address), _) => {
                Some(OwnPlace::Address { address: address.clone(), network: self.network.clone(), memo: self.memo.clone() })
            }
            (None, Some(text)) => Some(OwnPlace::TravelAddress(text.clone())),
            (None, None) => None,
        };
        let vasp = self.vasp.as_deref().map(|text| vasp(text, "beneficiary/vasp", pointer)).transpose()?;
        Ok((OwnSide { vasp, jurisdiction: self.jurisdiction.clone() }, place))
    }
}

fn vasp(text: &str, member: &str, pointer: Pointer<'_>) -> Result<VaspName, ServiceError> {
    text.parse::<VaspName>().map_err(|error| fault(pointer, member, "invalid_value", error.to_string()))
}
