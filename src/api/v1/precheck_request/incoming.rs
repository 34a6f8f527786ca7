//! Reading a pre-check of an incoming transfer: the sides swap. The originator names the counterparty, the beneficiary is the
//! caller's own side.

use super::{BeneficiaryRequest, OriginatorRequest, Pointer, fault};
use crate::service::{OwnPlace, OwnSide, Sender, ServiceError};
use vasp_record::vasp_name::VaspName;
use vasp_words::country::Country;

impl OriginatorRequest {
    /// Reads who sends: one of VASP, certificate, common name or jurisdiction.
    pub(super) fn sender(&self, pointer: Pointer<'_>) -> Result<Sender, ServiceError> {
        let names = [
            ("vasp", &self.vasp),
            ("certificate_sha256", &self.certificate_sha256),
            ("common_name", &self.common_name),
            ("jurisdiction", &self.jurisdiction),
        ];
        let mut given = names.into_iter().filter_map(|(name, value)| value.as_ref().map(|text| (name, text)));
        let Some((name, text)) = given.next() else {
            let detail = "name who sends: vasp, certificate_sha256, common_name or jurisdiction";
            return Err(fault(pointer, "originator", "missing_member", detail));
        };
        if let Some((second, _)) = given.next() {
            let detail = "name the counterparty once: by vasp, certificate_sha256, common_name or jurisdiction";
            return Err(fault(pointer, &format!("originator/{second}"), "invalid_value", detail));
        }
        match name {
            "certificate_sha256" => Ok(Sender::CertificateSha256(text.clone())),
            "common_name" => Ok(Sender::CommonName(text.clone())),
            "jurisdiction" => Ok(Sender::Jurisdiction(text.clone())),
            _ => vasp(text, "originator/vasp", pointer).map(Sender::Vasp),
        }
    }

    /// The country of the sender's customer.
    pub(super) fn customer_country(&self) -> Option<Country> {
        self.customer_country
    }
}

impl BeneficiaryRequest {
    /// Reads the caller's own side, and the address that the transfer came to.
    pub(super) fn own_place(&self, pointer: Pointer<'_>) -> Result<(OwnSide, Option<OwnPlace>), ServiceError> {
        let refuse = |member: &str, detail: &str| Err(fault(pointer, &format!("beneficiary/{member}"), "invalid_value", detail));
        if self.declared.is_some() {
            return refuse("declared", "of an incoming transfer the beneficiary is the caller's own side: nothing is declared");
        }
        if self.address.is_some() && self.travel_address.is_some() {
            return refuse("travel_address", "name the place that it came to once: address or travel_address");
        }
        if self.address.is_none() {
            let strays = [("network", self.network.is_some()), ("memo", self.memo.is_some())];
            if let Some((stray, _)) = strays.iter().find(|(_, given)| *given) {
                return refuse(stray, "goes with an address only");
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
